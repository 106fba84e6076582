package s3_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/blobtest"
	"griot/internal/blob/s3"
	"griot/internal/setup"
)

// engine returns the configuration for the engine whose address is in a
// variable that infra/engines/engines sets.
func engine(t testing.TB, variable string) aws.Config {
	t.Helper()
	url := os.Getenv(variable)
	if url == "" {
		t.Skipf("%s is not set; run infra/engines/engines test", variable)
	}
	config := configuration(t)
	config.BaseEndpoint = &url
	return config
}

func configuration(t testing.TB) aws.Config {
	t.Helper()
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func direct(config aws.Config) *sdk.Client {
	return sdk.NewFromConfig(config, func(o *sdk.Options) { o.UsePathStyle = true })
}

// bucket makes a bucket that takes uploads from browsers.
func bucket(t testing.TB, config aws.Config) (s *s3.Store, name string) {
	t.Helper()
	name = "test-" + strings.ToLower(rand.Text())
	client := direct(config)
	if _, err := client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutBucketCors(t.Context(), &sdk.PutBucketCorsInput{Bucket: &name, CORSConfiguration: &types.CORSConfiguration{
		CORSRules: []types.CORSRule{{
			AllowedMethods: []string{http.MethodPut},
			AllowedOrigins: []string{"*"},
			AllowedHeaders: []string{"content-type", "if-none-match"},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	store, err := s3.New(config, name)
	if err != nil {
		t.Fatal(err)
	}
	return store, name
}

func conformance(t *testing.T, variable string, skip map[string]string) {
	config := engine(t, variable)
	blobtest.Run(t, blobtest.Harness{
		New: func(t *testing.T) (blob.Store, func(time.Duration)) {
			s, _ := bucket(t, config)
			return s, nil
		},
		Client: http.DefaultClient,
		Skip:   skip,
	})
}

func TestConformanceLocalStack(t *testing.T) {
	conformance(t, "GRIOT_TEST_LOCALSTACK", map[string]string{
		"ListOrder":         startAfter,
		"ListLongElements":  startAfter,
		"SignedPutTampered": "LocalStack takes requests without any signature",
		"SignedGetTampered": "LocalStack takes requests without any signature",
	})
}

func TestConformanceVersitygw(t *testing.T) {
	conformance(t, "GRIOT_TEST_VERSITYGW", map[string]string{
		"Keys":             files,
		"Delete":           files,
		"ListOrder":        files,
		"ListLongElements": files,
		"SignedPut":        files,
		"DeleteRace":       "versitygw answers 409 when another request removes the directory at the same time",
		"SignedPutCutOff":  "versitygw stores what has arrived of a body that is cut off",
	})
}

// What the engines do otherwise than S3.
const (
	startAfter = "LocalStack compares StartAfter with keys that it has URL-encoded already; see TestListContinues"
	files      = "versitygw makes files of objects: no a beside a/b, no element over 255 bytes"
)

// TestListContinues is the part of the suite's ListOrder that both can do
// between them.
func TestListContinues(t *testing.T) {
	s, _ := bucket(t, engine(t, "GRIOT_TEST_VERSITYGW"))
	keys := []string{"A", "a b", "a!", "a%2F", "a+b", "a-b/c", "a-c", "a.b", "a/b!", "a/bc", "a0", "aa", "a~", "z", "ä", "é/x", "日本"}
	for _, key := range keys {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, blob.Put{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, after := range append([]string{""}, keys...) {
		objects, more, err := s.List(t.Context(), "", after)
		if err != nil || more {
			t.Fatal(err, more)
		}
		got := []string{}
		for _, o := range objects {
			got = append(got, o.Key)
		}
		if diff := cmp.Diff(keys[i:], got); diff != "" {
			t.Errorf("behind %q: %s", after, diff)
		}
	}
}

var engines = map[string]string{"LocalStack": "GRIOT_TEST_LOCALSTACK", "versitygw": "GRIOT_TEST_VERSITYGW"}

// large is more than two parts.
var large = bytes.Repeat([]byte("0123456789abcdef"), 17<<20/16)

func TestLargeObjects(t *testing.T) {
	for name, variable := range engines {
		t.Run(name, func(t *testing.T) {
			s, _ := bucket(t, engine(t, variable))
			for _, size := range []int64{-1, int64(len(large))} {
				info, err := s.Put(t.Context(), "large", iotest.OneByteReader(bytes.NewReader(large[:100])), -1, blob.Put{})
				if err != nil || info.Size != 100 {
					t.Fatalf("%+v, %v", info, err)
				}
				if info, err = s.Put(t.Context(), "large", bytes.NewReader(large), size, blob.Put{ContentType: "audio/wav"}); err != nil {
					t.Fatal(err)
				}
				r, got, err := s.Get(t.Context(), "large")
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(content, large) || got.ETag != info.ETag || got.Size != info.Size {
					t.Errorf("%d bytes, %v, put as %+v, got as %+v", len(content), err, info, got)
				}
				r.Close()
			}
			if _, err := s.Put(t.Context(), "large", bytes.NewReader(large), -1, blob.Put{IfAbsent: true}); !errors.Is(err, blob.ErrExists) {
				t.Errorf("Put over an object: %v, want ErrExists", err)
			}
		})
	}
}

// An upload that fails on its way leaves neither an object nor parts.
func TestLargeObjectsFail(t *testing.T) {
	broken := errors.New("broken")
	for name, variable := range engines {
		t.Run(name, func(t *testing.T) {
			config := engine(t, variable)
			s, name := bucket(t, config)
			r := io.MultiReader(bytes.NewReader(large), iotest.ErrReader(broken))
			if _, err := s.Put(t.Context(), "a", r, -1, blob.Put{}); !errors.Is(err, broken) {
				t.Errorf("%v, want the reader's error", err)
			}
			if _, err := s.Put(t.Context(), "a", bytes.NewReader(large), int64(len(large))-1, blob.Put{}); err == nil {
				t.Error("took a byte more than there should be")
			}
			ctx, cancel := context.WithCancel(t.Context())
			r = io.MultiReader(bytes.NewReader(large), iotest.DataErrReader(readerFunc(func([]byte) (int, error) { cancel(); return 1, nil })))
			if _, err := s.Put(ctx, "a", r, -1, blob.Put{}); !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want context.Canceled", err)
			}
			objects, _, err := s.List(t.Context(), "", "")
			if len(objects) != 0 || err != nil {
				t.Errorf("left %v, %v", objects, err)
			}
			uploads, err := direct(config).ListMultipartUploads(t.Context(), &sdk.ListMultipartUploadsInput{Bucket: &name})
			if err != nil || len(uploads.Uploads) != 0 {
				t.Errorf("left %v, %v", uploads, err)
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestContentType(t *testing.T) {
	config := engine(t, "GRIOT_TEST_LOCALSTACK")
	s, name := bucket(t, config)
	for key, content := range map[string][]byte{"small": large[:10], "large": large} {
		if _, err := s.Put(t.Context(), key, bytes.NewReader(content), -1, blob.Put{ContentType: "text/vtt"}); err != nil {
			t.Fatal(err)
		}
		head, err := direct(config).HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: &name, Key: &key})
		if err != nil || aws.ToString(head.ContentType) != "text/vtt" {
			t.Errorf("%s: %v, %v", key, head, err)
		}
	}
}
