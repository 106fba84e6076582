package s3

import (
	"bytes"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"griot/internal/blob"
)

// abortTime bounds the attempt to take back an upload that failed, perhaps
// because its context has ended.
const abortTime = 10 * time.Second

// multipart is an upload in parts under way.
type multipart struct {
	store *Store
	key   string
	id    *string
	parts []types.CompletedPart
}

// putParts uploads an object in parts, of which first is the first.
func (s *Store) putParts(ctx context.Context, key string, c *content, first []byte, p blob.Put) (etag *string, err error) {
	out, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket:            &s.bucket,
		Key:               &key,
		ContentType:       contentType(p),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, // the one that the SDK gives to parts
	})
	if err != nil {
		return nil, err
	}
	m := &multipart{store: s, key: key, id: out.UploadId}
	if err := m.uploadAll(ctx, c, first); err != nil {
		m.abort(ctx)
		return nil, err
	}
	done, err := m.complete(ctx, p)
	if err != nil {
		m.abort(ctx)
		return nil, err
	}
	return done.ETag, nil
}

func (m *multipart) uploadAll(ctx context.Context, c *content, part []byte) (err error) {
	for last := false; ; {
		if err := m.upload(ctx, part); err != nil || last {
			return err
		}
		if part, last, err = c.part(); err != nil {
			return err
		}
	}
}

func (m *multipart) upload(ctx context.Context, part []byte) error {
	number := int32(len(m.parts) + 1)
	out, err := m.store.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket:     &m.store.bucket,
		Key:        &m.key,
		UploadId:   m.id,
		PartNumber: &number,
		Body:       bytes.NewReader(part),
	})
	if err != nil {
		return err
	}
	m.parts = append(m.parts, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	return nil
}

func (m *multipart) complete(ctx context.Context, p blob.Put) (*s3.CompleteMultipartUploadOutput, error) {
	return m.store.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket:          &m.store.bucket,
		Key:             &m.key,
		UploadId:        m.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: m.parts},
		IfNoneMatch:     ifNoneMatch(p),
	}, retries(p))
}

// abort is a courtesy: what it leaves, the bucket's lifecycle removes.
func (m *multipart) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_, _ = m.store.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: aws.String(m.store.bucket), Key: &m.key, UploadId: m.id})
}
