/** JSON in AWS's form -> XML, by an API's shapes or, where no shapes are installed, by the shape of the JSON itself. */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Json } from '../services/service';
import { timestampFormat, writeTimestamp } from './schemas';

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
/** A parser would turn a carriage return into a line feed. */
export const escapeXml = (text: string): string => text.replace(/[&<>"\r]/g, (character) => entities[character]!);

export const element = (name: string, content: string, attributes = ''): string =>
  `<${name}${attributes}>${content}</${name}>`;

/** The members of a structure, without an element around them. `only` leaves out what is bound elsewhere. */
export function writeMembers(
  schema: NormalizedSchema,
  value: Json,
  only?: (member: NormalizedSchema) => boolean,
): string {
  if (!schema.isStructSchema() || typeof value !== 'object' || value === null) return '';
  let xml = '';
  for (const [name, member] of schema.structIterator()) {
    const item = value[name];
    if (item === undefined || item === null || member.getMergedTraits().xmlAttribute || (only && !only(member)))
      continue;
    xml += writeNamed(member, item, String(member.getMergedTraits().xmlName ?? name));
  }
  return xml;
}

function writeNamed(schema: NormalizedSchema, value: Json, name: string): string {
  const flattened = Boolean(schema.getMergedTraits().xmlFlattened);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const itemName = flattened ? name : String(item.getMergedTraits().xmlName ?? 'member');
    const items = (value as Json[]).map((one) => writeNamed(item, one, itemName)).join('');
    return flattened ? items : element(name, items);
  }
  if (schema.isMapSchema()) {
    const [key, item] = [schema.getKeySchema(), schema.getValueSchema()];
    const [keyName, itemName] = [key.getMergedTraits().xmlName ?? 'key', item.getMergedTraits().xmlName ?? 'value'].map(
      String,
    );
    const entries = Object.entries(value)
      .map(([one, of]) =>
        element(flattened ? name : 'entry', element(keyName!, escapeXml(one)) + writeNamed(item, of, itemName!)),
      )
      .join('');
    return flattened ? entries : element(name, entries);
  }
  if (schema.isStructSchema()) return element(name, writeMembers(schema, value), attributesOf(schema, value));
  return element(name, escapeXml(writeScalar(schema, value)));
}

function attributesOf(schema: NormalizedSchema, value: Json): string {
  let attributes = '';
  for (const [name, member] of schema.structIterator()) {
    const { xmlAttribute, xmlName } = member.getMergedTraits();
    if (!xmlAttribute || value[name] === undefined) continue;
    const attribute = String(xmlName ?? name);
    if (attribute.startsWith('xsi:')) attributes += ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    attributes += ` ${attribute}="${escapeXml(String(value[name]))}"`;
  }
  return attributes;
}

function writeScalar(schema: NormalizedSchema, value: Json): string {
  if (schema.isTimestampSchema() && typeof value === 'number')
    return writeTimestamp(value, timestampFormat(schema, 'date-time'));
  return String(value);
}

/** Lists become <Name><member>...; objects become structures. */
export function writeShapeless(value: Json): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries<Json>(value)
    .filter(([, item]) => item !== undefined && item !== null)
    .map(([name, item]) =>
      element(
        name,
        Array.isArray(item) ? item.map((one) => element('member', writeShapeless(one))).join('') : writeShapeless(item),
      ),
    )
    .join('');
}
