package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// failures says how each kind of error looks: the statuses of /v1 and of
// everything else, and the code, which an error may override.
var failures = map[errs.Kind]struct {
	v1, other int
	code      string
}{
	errs.Internal:            {500, 500, "internal_error"},
	errs.Malformed:           {400, 400, "invalid_request"},
	errs.InvalidArgument:     {400, 422, "invalid_request"},
	errs.FailedPrecondition:  {422, 422, "unprocessable_entity"},
	errs.Unauthenticated:     {401, 401, "invalid_credentials"},
	errs.PermissionDenied:    {403, 403, "permission_denied"},
	errs.NotFound:            {404, 404, "not_found"},
	errs.Conflict:            {409, 409, "conflict"},
	errs.TooLarge:            {413, 413, "payload_too_large"},
	errs.ResourceExhausted:   {429, 429, "rate_limited"},
	errs.QuotaExceeded:       {409, 409, "quota_exceeded"},
	errs.Unavailable:         {503, 503, "service_unavailable"},
	errs.InsufficientStorage: {507, 507, "insufficient_storage"},
	deadline:                 {504, 504, "timeout"},
}

// deadline is the kind of what the platform's deadline ended; only the edge
// sees it.
const deadline errs.Kind = -1

// unavailableFor is the Retry-After of an error that names none.
const unavailableFor = time.Second

// public returns what of err the client may know.
func public(err error) *errs.Error {
	e := errs.As(err)
	switch {
	case e != nil && e.Kind != errs.Internal:
		return e
	case table.Retryable(err):
		return errs.New(errs.Unavailable, "too many requests touch the same data: try again")
	case errors.Is(err, context.DeadlineExceeded):
		return errs.New(deadline, "the request took too long: it is safe to try again with the same Idempotency-Key")
	}
	return errs.New(errs.Internal, "something went wrong; the request id identifies it")
}

// render writes err in the dialect of the path and returns the status.
func render(w http.ResponseWriter, r *http.Request, err error) int {
	e := public(err)
	if retry := retryAfter(e); retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(retry))
	}
	if e.Kind == errs.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	status, contentType, body := Failure(e, r.URL.Path, w.Header().Get("X-Request-Id"))
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	sendBody(w, body)
	return status
}

// Failure is what a client is told of an error, in the dialect of the path that
// it asked for.
func Failure(e *errs.Error, path, requestID string) (status int, contentType string, body []byte) {
	failure := failures[e.Kind]
	code := failure.code
	if e.Code != "" {
		code = e.Code
	}
	if isV1(path) {
		return failure.v1, "application/problem+json", encoded(problem{
			Type: "https://errors.mnemos.ai/" + code, Title: title(code), Status: failure.v1,
			Detail: e.Message, Instance: requestID, Errors: e.Fields,
		})
	}
	return failure.other, JSONType, encoded(plainError{
		Error: e.Message, Code: strings.ToUpper(code), RequestID: requestID, RetryAfter: retryAfter(e),
	})
}

// problem is an error of /v1 (contract A.5 and D 20).
type problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance"`
	Errors   []errs.Field `json:"errors,omitempty"`
}

// plainError is an error of all other paths (contract C). It must not be
// problem+json: the published clients drop such bodies.
type plainError struct {
	Error      string `json:"error"`
	Code       string `json:"code"`
	RequestID  string `json:"requestId"`
	RetryAfter int    `json:"retryAfter,omitempty"` // seconds
}

func isV1(path string) bool {
	return path == "/v1" || strings.HasPrefix(path, "/v1/")
}

// title is the code as words: all titles of the catalogue are.
func title(code string) string {
	words := strings.ReplaceAll(code, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func retryAfter(e *errs.Error) int {
	wait := e.RetryAfter
	if wait <= 0 && e.Kind == errs.Unavailable {
		wait = unavailableFor
	}
	return int(math.Ceil(wait.Seconds()))
}

func notFound(w http.ResponseWriter, r *http.Request) {
	render(w, r, noSuchPath())
}

func encoded(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return body
}
