export { checkAuth, checkProject } from './check-project.ts';
export { requireKey } from './project-key.ts';
export { type ProjectSettings, readProject, readSignIn } from './read-project.ts';
export { setProjectAccount } from './set-project-account.ts';
