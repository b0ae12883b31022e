import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** As much of an OpenAPI document as a check of answers needs. */
export type OpenApiDocument = {
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer> };
};
type Answer = { $ref?: string; content?: Record<string, { schema: object }> };
type Operation = { operationId: string; responses: Record<string, Answer> };

/** Checks answers of real requests against the document. */
export class AnswerCheck {
  readonly #document: OpenApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  /** Operations that were called, each with the statuses of its answers. */
  readonly seen = new Map<string, Set<number>>();

  constructor(document: OpenApiDocument) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ ...document, $id: 'document' });
  }

  /** The operations that the document has. */
  get operations(): string[] {
    return Object.values(this.#document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
  }

  /** What is wrong with an answer; empty if it is as documented. */
  check(o: { method: string; path: string; status: number; contentType: string; body: string }): string {
    const found = this.#find(o.method.toLowerCase(), o.path);
    if (!found) return 'The document has no such operation.';
    const [path, operation] = found;
    const statuses = this.seen.get(operation.operationId) ?? new Set();
    this.seen.set(operation.operationId, statuses.add(o.status));
    const documented = operation.responses[o.status];
    if (!documented) return `${operation.operationId} does not document ${o.status}: ${o.body}`;
    const common = documented.$ref?.split('/').at(-1);
    const { content = {} } =
      common === undefined ? documented : (this.#document.components.responses[common] ?? {});
    if (content['*/*']) return '';
    const [type = ''] = o.contentType.split(';');
    if (!content[type]) return `${operation.operationId} answers ${o.status} with ${type}.`;
    const place =
      common === undefined
        ? ['paths', path, o.method.toLowerCase(), 'responses', String(o.status)]
        : ['components', 'responses', common];
    const pointer = [...place, 'content', type, 'schema'].map(escapePointer).join('/');
    const isValid = this.#ajv.validate({ $ref: `document#/${pointer}` }, JSON.parse(o.body));
    return isValid ? '' : `${operation.operationId} ${o.status}: ${this.#ajv.errorsText()}`;
  }

  /** Of several paths that match, the one with the fewest parameters. */
  #find(method: string, url: string): [string, Operation] | undefined {
    const path = url.split('?', 1)[0] ?? '';
    const matches = Object.entries(this.#document.paths).flatMap(
      ([template, methods]): [string, Operation][] => {
        const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
        const operation = methods[method];
        return operation && pattern.test(path) ? [[template, operation]] : [];
      },
    );
    return matches.toSorted(([a], [b]) => a.split('{').length - b.split('{').length)[0];
  }
}

const escapePointer = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
