/**
 * Code that stands in a template (`Code.ZipFile`, lambda.Code.fromInline) -> the archive that CloudFormation makes of it:
 * the text as index.js, which is CommonJS. Equal text gives an equal archive.
 * Not modelled: the module `cfn-response`.
 * Source: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html (ZipFile)
 */

/** Archives have dates; this is the earliest that they can have. */
const mtime = Date.UTC(1980, 0, 2);

/** In base64. */
export function inlineArchive(text: string): string {
  const { zipSync, strToU8 } = require('fflate') as typeof import('fflate');
  return Buffer.from(zipSync({ 'index.js': strToU8(text) }, { mtime })).toString('base64');
}
