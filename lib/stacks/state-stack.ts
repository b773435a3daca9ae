/** What has memory: bus and archive, tables, labels, schedules still to come, sagas under way. Knows nothing of who uses it. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../config';
import { Bus } from '../constructs/bus';
import type { Shared } from '../constructs/context';
import { Saga } from '../constructs/saga';
import { Schedules } from '../constructs/schedules';
import { KeyedTable, LabelsBucket, RecordTable } from '../constructs/tables';
import { consumers, events, rows, sagas } from '../contracts';
import { environment } from '../contracts/environment';
import { recordIndexes } from '../contracts/record';
import { outputName } from './names';

export interface StateStackProps extends StackProps {
  settings: Settings;
}

export class StateStack extends Stack {
  readonly bus: Bus;
  readonly schedules: Schedules;
  readonly sagas: readonly Saga[];
  readonly shared: Shared;

  constructor(scope: Construct, id: string, props: StateStackProps) {
    super(scope, id, { description: 'Baton: bus, archive, tables, labels, schedules, sagas. Has memory.', ...props });
    const { settings } = props;
    this.bus = new Bus(this, 'Bus', { settings, events });
    const records = new RecordTable(this, 'Records', { settings });
    const gateway = new KeyedTable(this, 'Gateway', { settings });
    const rowTables = Object.fromEntries(
      rows.map((row) => [row.name, new KeyedTable(this, `Row${row.name}`, { settings })]),
    );
    const labels = new LabelsBucket(this, 'Labels', { settings });
    const { eventBus } = this.bus;
    this.schedules = new Schedules(this, 'Schedules', {
      settings,
      busArn: eventBus.eventBusArn,
      events: consumers.flatMap((consumer) => consumer.schedules),
    });
    this.sagas = sagas.map(
      (declaration) => new Saga(this, `Saga${outputName(declaration.id)}`, { settings, declaration, eventBus }),
    );
    this.shared = {
      eventBus,
      arns: {
        bus: eventBus.eventBusArn,
        recordTable: records.tableArn,
        gatewayTable: gateway.tableArn,
        labelsBucket: labels.bucketArn,
        rowTables: Object.fromEntries(Object.entries(rowTables).map(([name, table]) => [name, table.tableArn])),
        sagas: Object.fromEntries(this.sagas.map(({ declaration, arns }) => [declaration.id, arns])),
        schedules: this.schedules.schedulesArn,
        scheduleRole: this.schedules.role.roleArn,
      },
      recordTableName: records.tableName,
      unpaidIndexArn: `${records.tableArn}/index/${recordIndexes.unpaid}`,
      gatewayTableName: gateway.tableName,
      labelsBucketName: labels.bucketName,
      rowTableNames: Object.fromEntries(Object.entries(rowTables).map(([name, table]) => [name, table.tableName])),
      scheduleEnvironment: {
        [environment.scheduleGroup]: this.schedules.groupName,
        [environment.scheduleRoleArn]: this.schedules.role.roleArn,
        [environment.scheduleDeadLettersArn]: this.schedules.deadLetters.queueArn,
      },
    };

    const output = (name: string, value: string) => new CfnOutput(this, name, { value });
    output('BusName', eventBus.eventBusName);
    output('BusArn', eventBus.eventBusArn);
    output('UnroutedEventsUrl', this.bus.unroutedEvents.queueUrl);
    output('RecordTableName', records.tableName);
    output('GatewayTableName', gateway.tableName);
    for (const [name, table] of Object.entries(rowTables)) output(`${name}TableName`, table.tableName);
    output('LabelsBucketName', labels.bucketName);
    for (const { declaration, arns } of this.sagas) {
      const name = outputName(declaration.id);
      output(`${name}StateMachineArn`, arns.machine);
      output(`${name}AliasArn`, arns.alias);
    }
    output('ScheduleGroupName', this.schedules.groupName);
    output('ScheduleDeadLettersUrl', this.schedules.deadLetters.queueUrl);
  }
}
