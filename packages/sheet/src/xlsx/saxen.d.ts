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
    on(
      event: 'text' | 'cdata' | 'comment' | 'question' | 'attention',
      listener: (text: string) => void,
    ): this;
    on(event: 'error', listener: (error: Error) => void): this;
    /** Takes the next piece of a document. */
    write(xml: string): this;
    /** Ends a document that was written in pieces. */
    end(): Error | null;
  }
}
