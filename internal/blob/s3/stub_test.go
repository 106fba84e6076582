package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"griot/internal/blob"
	"griot/internal/blob/s3"
)

// stub answers requests in turn with a status and a code, and keeps their
// bodies.
type stub struct {
	t       *testing.T
	answers []string
	bodies  [][]byte
}

func (s *stub) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			s.t.Error(err)
		}
	}
	s.bodies = append(s.bodies, body)
	if len(s.bodies) > len(s.answers) {
		return nil, errors.New("a request too many")
	}
	var status int
	var code string
	fmt.Sscan(s.answers[len(s.bodies)-1], &status, &code)
	xml := ""
	if status != http.StatusOK {
		xml = "<Error><Code>" + code + "</Code></Error>"
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(xml))}, nil
}

// A conditional write whose first attempt may have taken effect is not
// repeated: it would find its own object.
func TestRetries(t *testing.T) {
	tests := map[string]struct {
		ifAbsent bool
		answers  []string
		want     error
	}{
		"put again":                   {false, []string{"500 InternalError", "503 SlowDown", "200 OK"}, nil},
		"put if absent not again":     {true, []string{"500 InternalError"}, errAny},
		"put if absent, when refused": {true, []string{"503 SlowDown", "409 ConditionalRequestConflict", "200 OK"}, nil},
		"put if absent, when taken":   {true, []string{"412 PreconditionFailed"}, blob.ErrExists},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stub, content := &stub{t: t, answers: test.answers}, []byte("the whole content")
				config := configuration(t)
				config.HTTPClient = stub
				s, err := s3.New(config, "files")
				if err != nil {
					t.Fatal(err)
				}
				_, err = s.Put(t.Context(), "a", bytes.NewReader(content), -1, blob.Put{IfAbsent: test.ifAbsent})
				if (err == nil) != (test.want == nil) || (test.want != errAny && !errors.Is(err, test.want)) {
					t.Errorf("%v, want %v", err, test.want)
				}
				if len(stub.bodies) != len(test.answers) {
					t.Errorf("%d requests", len(stub.bodies))
				}
				for i, body := range stub.bodies {
					if !bytes.Contains(body, content) {
						t.Errorf("request %d has the body %q", i, body)
					}
				}
			})
		})
	}
}

var errAny = errors.New("any error")
