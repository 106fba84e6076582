// Package s3 is the driver of the blob port for S3. The bucket has to be
// listable (s3:ListBucket): without that, S3 answers 403 for objects that do
// not exist. It should abort incomplete multipart uploads by a lifecycle rule
// and, for uploads from browsers, allow PUT with content-type and
// if-none-match by CORS.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"griot/internal/blob"
	"griot/internal/blob/s3/address"
	"griot/internal/errs"
)

// Store implements blob.Store on one bucket.
type Store struct {
	client  *s3.Client
	bucket  string
	address address.Bucket
}

var _ blob.Store = (*Store)(nil)

// New returns a store on a bucket in the configuration's region. A server
// that stands in for S3 is asked in path style, since bucket.localhost is no
// name that everybody resolves.
func New(config aws.Config, bucket string) (*Store, error) {
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	at, err := address.New(bucket, config.Region, aws.ToString(client.Options().BaseEndpoint))
	if err != nil {
		return nil, err
	}
	return &Store{client: client, bucket: bucket, address: at}, nil
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	return s.get(ctx, key, nil)
}

// GetRange implements blob.Store.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	if offset < 0 || length < -1 {
		return nil, blob.Info{}, fmt.Errorf("reading an object: no range of %d bytes from %d", length, offset)
	}
	if length == 0 {
		return s.nothing(ctx, key)
	}
	byteRange := fmt.Sprintf("bytes=%d-", offset)
	if last := offset + length - 1; length > 0 && last >= offset {
		byteRange += fmt.Sprint(last)
	}
	body, info, err := s.get(ctx, key, &byteRange)
	if code(err) == "InvalidRange" { // it begins behind the end
		return s.nothing(ctx, key)
	}
	return body, info, err
}

// nothing is an empty part of an object.
func (s *Store) nothing(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, blob.Info{}, err
	}
	return io.NopCloser(strings.NewReader("")), info, nil
}

func (s *Store) get(ctx context.Context, key string, byteRange *string) (io.ReadCloser, blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, blob.Info{}, err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key, Range: byteRange})
	if err != nil {
		return nil, blob.Info{}, failure(ctx, "reading", key, err)
	}
	info := describe(key, out.ContentLength, out.ETag, out.LastModified)
	if out.ContentRange != nil {
		if _, err := fmt.Sscanf((*out.ContentRange)[strings.LastIndexByte(*out.ContentRange, '/')+1:], "%d", &info.Size); err != nil {
			out.Body.Close()
			return nil, blob.Info{}, fmt.Errorf("reading object %s: range %q of unknown size", key, *out.ContentRange)
		}
	}
	return body{out.Body, ctx}, info, nil
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return blob.Info{}, failure(ctx, "looking at", key, err)
	}
	return describe(key, out.ContentLength, out.ETag, out.LastModified), nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key}); err != nil {
		return failure(ctx, "deleting", key, err)
	}
	return nil
}

func describe(key string, size *int64, etag *string, modified *time.Time) blob.Info {
	return blob.Info{
		Key:      key,
		Size:     aws.ToInt64(size),
		ETag:     strings.Trim(aws.ToString(etag), `"`),
		Modified: aws.ToTime(modified).UTC(),
	}
}

// failure adds the port's error to one of S3.
func failure(ctx context.Context, doing, key string, err error) error {
	switch code(err) {
	case "NoSuchKey", "NotFound": // HEAD has only the status to tell
		return fmt.Errorf("%w: %s", blob.ErrNotFound, key)
	case "PreconditionFailed":
		return fmt.Errorf("%w: %s", blob.ErrExists, key)
	}
	return fmt.Errorf("%s object %s: %w", doing, key, unreachable(ctx, err))
}

// unreachable tells whoever asked to come back, if S3 did not answer or is busy,
// and its context has not ended.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() == nil && (errs.Unanswered(err) || busy(err)) {
		return errs.Unreachable(err)
	}
	return err
}

// busy reports whether S3 refused a request for what others ask of it; nothing
// was written.
func busy(err error) bool {
	c := code(err)
	_, throttled := retry.DefaultThrottleErrorCodes[c]
	return throttled || c == "ConditionalRequestConflict"
}

// body is that of an object; where it breaks off, S3 could not be reached.
type body struct {
	io.ReadCloser
	ctx context.Context
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && b.ctx.Err() == nil {
		err = errs.Unreachable(err)
	}
	return n, err
}

// code returns the code of an error of S3, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
