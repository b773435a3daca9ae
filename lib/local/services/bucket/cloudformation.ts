/** AWS::S3::Bucket and AWS::S3::BucketPolicy. Source: CloudFormation template reference, "Amazon S3". */
import type { ResourceTypes } from '../resource-type';

export const resourceTypes: ResourceTypes = {
  'AWS::S3::Bucket': {
    modelled: ['BucketName'],
    ignored: {
      BucketEncryption: 'encryption at rest is not observable here',
      LifecycleConfiguration: 'objects live as long as this process; nothing expires them',
      OwnershipControls: 'there is one account here',
      PublicAccessBlockConfiguration: 'nothing here is public; the port listens on loopback only',
      Tags: 'tags of buckets have no effect here',
    },
    phase: 0,
    identify: ({ property, uniqueName, region }) => {
      const name = property('BucketName') ?? uniqueName({ maxLength: 63, lowerCase: true });
      return {
        ref: name,
        attributes: {
          Arn: `arn:aws:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
          WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
        },
      };
    },
    create: ({ identity }) => [{ service: 's3', operation: 'CreateBucket', input: { Bucket: identity.ref } }],
  },
  'AWS::S3::BucketPolicy': {
    modelled: ['Bucket', 'PolicyDocument'],
    phase: 1,
    identify: ({ property, uniqueName }) => ({ ref: property('Bucket') ?? uniqueName(), attributes: {} }),
    create: ({ props }) => [
      {
        service: 's3',
        operation: 'PutBucketPolicy',
        input: { Bucket: props.Bucket, Policy: JSON.stringify(props.PolicyDocument) },
      },
    ],
  },
};
