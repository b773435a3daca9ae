/** The payment gateway that is asked. To use a real one, write its adapter (PaymentGateway) and choose it here. */
import { sleep } from '../shared/environment';
import type { PaymentGateway } from './gateway';
import { tableBooks } from './sandbox-books';
import { SandboxGateway } from './sandbox-gateway';

export const gateway: PaymentGateway = new SandboxGateway(tableBooks, sleep);
