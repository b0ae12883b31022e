export { opensProgram } from './opens-program.ts';
export { readFileName } from './read-file-name.ts';
