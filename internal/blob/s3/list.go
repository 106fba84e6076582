package s3

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"griot/internal/blob"
)

// List implements blob.Store. It asks for encoded keys, since XML cannot hold
// all of them; not every server does that.
func (s *Store) List(ctx context.Context, prefix, after string) (objects []blob.Info, more bool, err error) {
	in := &s3.ListObjectsV2Input{
		Bucket:       &s.bucket,
		Prefix:       &prefix,
		MaxKeys:      aws.Int32(blob.MaxList),
		EncodingType: types.EncodingTypeUrl,
	}
	if after != "" {
		in.StartAfter = &after
	}
	out, err := s.client.ListObjectsV2(ctx, in)
	if err != nil {
		return nil, false, fmt.Errorf("listing objects: %w", unreachable(ctx, err))
	}
	for _, o := range out.Contents {
		key := aws.ToString(o.Key)
		if out.EncodingType == types.EncodingTypeUrl {
			if key, err = url.QueryUnescape(key); err != nil {
				return nil, false, fmt.Errorf("listing objects: a key: %w", err)
			}
		}
		objects = append(objects, describe(key, o.Size, o.ETag, o.LastModified))
	}
	return objects, aws.ToBool(out.IsTruncated), nil
}
