package s3

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"griot/internal/blob"
	"griot/internal/errs"
)

// partSize is how much of an object is in memory. Only what is there can be
// sent again when a connection breaks, so an object that is larger goes in
// parts; S3 takes 10,000 of them.
const partSize = 8 << 20

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	content := newContent(ctx, r, size)
	first, last, err := content.part()
	if err != nil {
		return blob.Info{}, fmt.Errorf("writing object %s: %w", key, err)
	}
	var etag *string
	if last {
		etag, err = s.putWhole(ctx, key, first, p)
	} else {
		etag, err = s.putParts(ctx, key, content, first, p)
	}
	if err != nil {
		return blob.Info{}, failure(ctx, "writing", key, err)
	}
	now := time.Now()
	return describe(key, &content.read, etag, &now), nil
}

func (s *Store) putWhole(ctx context.Context, key string, content []byte, p blob.Put) (etag *string, err error) {
	out, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      &s.bucket,
		Key:         &key,
		Body:        bytes.NewReader(content),
		ContentType: contentType(p),
		IfNoneMatch: ifNoneMatch(p),
	}, retries(p))
	if err != nil {
		return nil, err
	}
	return out.ETag, nil
}

func contentType(p blob.Put) *string {
	if p.ContentType == "" {
		return nil
	}
	return &p.ContentType
}

func ifNoneMatch(p blob.Put) *string {
	if p.IfAbsent {
		return aws.String("*")
	}
	return nil
}

// retries lets the SDK repeat a conditional write only when the attempt wrote
// nothing: otherwise the write would fail on its own first attempt's doing.
func retries(p blob.Put) func(*s3.Options) {
	return func(o *s3.Options) {
		if p.IfAbsent {
			o.Retryer = careful{o.Retryer}
		}
	}
}

type careful struct{ aws.Retryer }

// IsErrorRetryable holds for attempts that wrote nothing.
func (careful) IsErrorRetryable(err error) bool { return busy(err) || errs.Undelivered(err) }

// content is what a Put reads: exactly size bytes (-1: any number), while its
// context lasts.
type content struct {
	ctx     context.Context
	source  io.Reader
	size    int64
	read    int64
	ahead   *bufio.Reader // of this content; knows whether more follows
	current bytes.Buffer
}

func newContent(ctx context.Context, r io.Reader, size int64) *content {
	c := &content{ctx: ctx, source: r, size: size}
	c.ahead = bufio.NewReader(readerFunc(c.readSource))
	if size >= 0 {
		c.current.Grow(int(min(size, partSize)) + bytes.MinRead)
	}
	return c
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (c *content) readSource(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.source.Read(p)
	c.read += int64(n)
	switch {
	case c.size >= 0 && c.read > c.size:
		return 0, fmt.Errorf("content has more than %d bytes", c.size)
	case err == io.EOF && c.read < c.size:
		return 0, fmt.Errorf("content ends after %d of %d bytes: %w", c.read, c.size, io.ErrUnexpectedEOF)
	}
	return n, err
}

// part returns the next part, which is overwritten by the one after it, and
// whether it is the last. All but the last are full.
func (c *content) part() (part []byte, last bool, err error) {
	c.current.Reset()
	if _, err := io.CopyN(&c.current, c.ahead, partSize); err != nil && err != io.EOF {
		return nil, false, err
	}
	_, err = c.ahead.Peek(1)
	if errors.Is(err, io.EOF) {
		return c.current.Bytes(), true, nil
	}
	return c.current.Bytes(), false, err
}
