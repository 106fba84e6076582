package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"griot/internal/blob"
)

// PresignPut implements blob.Store. The signature ends with the credentials
// it is made of, if they are temporary, even when it should be valid longer.
func (s *Store) PresignPut(ctx context.Context, key string, p blob.SignPut) (blob.PutRequest, error) {
	if err := checkSign(key, p); err != nil {
		return blob.PutRequest{}, fmt.Errorf("signing an upload: %w", err)
	}
	valid := (p.Valid + time.Second - 1).Truncate(time.Second)
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, ContentLength: &p.Size, IfNoneMatch: aws.String("*")}
	if p.ContentType != "" {
		in.ContentType = &p.ContentType
	}
	signed, err := s3.NewPresignClient(s.client).PresignPutObject(ctx, in, s3.WithPresignExpires(valid))
	if err != nil {
		return blob.PutRequest{}, fmt.Errorf("signing an upload: %w", err)
	}
	begin, err := signedAt(signed.URL)
	if err != nil {
		return blob.PutRequest{}, fmt.Errorf("signing an upload: %w", err)
	}
	return blob.PutRequest{URL: signed.URL, Method: signed.Method, Headers: headers(signed.SignedHeader), Expires: begin.Add(valid)}, nil
}

// PresignGet implements blob.Store; see PresignPut for when it ends.
func (s *Store) PresignGet(ctx context.Context, key string, g blob.SignGet) (blob.GetRequest, error) {
	if err := checkSign(key, blob.SignPut{ContentType: g.ContentType, Valid: g.Valid}); err != nil {
		return blob.GetRequest{}, fmt.Errorf("signing a download: %w", err)
	}
	valid := (g.Valid + time.Second - 1).Truncate(time.Second)
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &key, ResponseContentType: &g.ContentType}
	signed, err := s3.NewPresignClient(s.client).PresignGetObject(ctx, in, s3.WithPresignExpires(valid))
	if err != nil {
		return blob.GetRequest{}, fmt.Errorf("signing a download: %w", err)
	}
	begin, err := signedAt(signed.URL)
	if err != nil {
		return blob.GetRequest{}, fmt.Errorf("signing a download: %w", err)
	}
	return blob.GetRequest{URL: signed.URL, Expires: begin.Add(valid)}, nil
}

func checkSign(key string, p blob.SignPut) error {
	switch {
	case p.Size < 0:
		return fmt.Errorf("no object has %d bytes", p.Size)
	case p.Valid <= 0 || p.Valid > blob.MaxValid:
		return fmt.Errorf("cannot be valid for %v", p.Valid)
	case strings.ContainsFunc(p.ContentType, func(r rune) bool { return r < ' ' || r > '~' }):
		return errors.New("content type is not printable ASCII")
	}
	return blob.CheckKey(key)
}

func signedAt(rawURL string) (time.Time, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
}

// headers returns those that the client has to set itself.
func headers(signed http.Header) map[string]string {
	h := map[string]string{}
	for name, values := range signed {
		if name := http.CanonicalHeaderKey(name); name != "Host" && name != "Content-Length" {
			h[name] = strings.Join(values, ",")
		}
	}
	return h
}

// KeyOf implements blob.Store. It knows all the forms in which AWS lets one
// write the address of an object in the bucket.
func (s *Store) KeyOf(rawURL string) (key string, ok bool) { return s.address.KeyOf(rawURL) }
