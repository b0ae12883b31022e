export { type DemoPort, type Manners, startDemoPort } from './start-demo-port.ts';
