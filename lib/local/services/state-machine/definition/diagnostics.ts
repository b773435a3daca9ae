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

  /** No location: the whole definition. */
  error(location: string | undefined, message: string, code = 'SCHEMA_VALIDATION_FAILED'): void {
    this.found.push({ severity: 'ERROR', code, message, location });
  }

  warning(location: string, message: string, code: string): void {
    this.found.push({ severity: 'WARNING', code, message, location });
  }
}
