export { type Manners, type PracticePort, startPracticePort } from './start-practice-port.ts';
