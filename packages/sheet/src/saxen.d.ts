declare module 'saxen' {
  /** The part of the parser that is used here; the package brings no types. */
  export class Parser {
    on(
      event: 'openTag',
      listener: (
        name: string,
        readAttributes: () => Record<string, string>,
        decodeEntities: (text: string) => string,
        isSelfClosing: boolean,
      ) => void,
    ): this;
    on(event: 'closeTag', listener: (name: string) => void): this;
    on(event: 'text', listener: (text: string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    parse(xml: string): void;
  }
}
