/** What is wrong with a definition, and where. Source: Step Functions API reference, ValidateStateMachineDefinitionDiagnostic. */

export interface Diagnostic {
  severity: 'ERROR' | 'WARNING';
  code: string;
  message: string;
  /** e.g. '/States/Reserve/Retry[0]/ErrorEquals'. */
  location?: string;
}

export class Diagnostics {
  readonly found: Diagnostic[] = [];

  error(location: string, message: string, code = 'SCHEMA_VALIDATION_FAILED'): void {
    this.found.push({ severity: 'ERROR', code, message, location });
  }
}
