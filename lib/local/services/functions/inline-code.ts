/**
 * Code that stands in a template (`Code.ZipFile`, lambda.Code.fromInline) -> the archive that CloudFormation makes of it:
 * the text as index.js, which is CommonJS, and the module `cfn-response` where the text asks for it. Equal text gives an
 * equal archive.
 * Source: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html (ZipFile);
 * cfn-lambda-function-code-cfnresponsemodule.html (what `send` takes and sends)
 */

/** Archives have dates; this is the earliest that they can have. */
const mtime = Date.UTC(1980, 0, 2);

/** In base64. */
export function inlineArchive(text: string): string {
  const { zipSync, strToU8 } = require('fflate') as typeof import('fflate');
  const files: Record<string, Uint8Array> = { 'index.js': strToU8(text) };
  if (text.includes('cfn-response')) files['node_modules/cfn-response.js'] = strToU8(cfnResponse);
  return Buffer.from(zipSync(files, { mtime })).toString('base64');
}

/** Answers a custom resource's request at its ResponseURL, then ends the invocation. */
const cfnResponse = `
exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, Status, Data, physicalResourceId, NoEcho = false) => {
  const body = JSON.stringify({
    Status,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho,
    Data,
  });
  const url = new URL(event.ResponseURL);
  const { request } = require(url.protocol === 'http:' ? 'node:http' : 'node:https');
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const end = () => resolve(context.done());
    request(url, { method: 'PUT', headers }, (response) => response.resume().on('end', end))
      .on('error', (error) => {
        console.log('cfn-response: ' + error);
        end();
      })
      .end(body);
  });
};
`;
