export type { AnswerColumn, JsonObject, JsonValue, NewRowResult, RowResult } from '@gantry/contract';
export { artifactName } from './answer-columns.ts';
export { AutomationError } from './automation-error.ts';
export { type AutomationSettings, createAutomations } from './create-automations.ts';
export {
  type Automation,
  type AutomationContext,
  type AutomationDefinition,
  type BrowserRequirements,
  type Dependency,
  type DownloadedFile,
  type DownloadPolicy,
  defineAutomation,
  type TraceMode,
} from './define-automation.ts';
