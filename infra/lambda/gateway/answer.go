package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"griot/infra/lambda/platform"
)

// refusal is an answer of the gateway itself.
type refusal struct {
	kind     string // in the template's GatewayResponses
	fallback string // the kind that serves when the template has no such one
	status   int
	message  string
}

var (
	missingToken       = refusal{"MISSING_AUTHENTICATION_TOKEN", "DEFAULT_4XX", 403, "Missing Authentication Token"}
	badParameters      = refusal{"BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", 400, "Bad Request"}
	requestTooLarge    = refusal{"REQUEST_TOO_LARGE", "DEFAULT_4XX", 413, "Request Too Long"}
	integrationTimeout = refusal{"INTEGRATION_TIMEOUT", "DEFAULT_5XX", 504, "Endpoint request timed out"}
	badGateway         = refusal{"DEFAULT_5XX", "DEFAULT_5XX", 502, "Internal server error"}
	internalError      = refusal{"DEFAULT_5XX", "DEFAULT_5XX", 500, "Internal server error"}
)

var contextVariable = regexp.MustCompile(`\$context(\.[A-Za-z]+)+`)

// refuse answers as the template's GatewayResponses say.
func (c *call) refuse(f refusal) {
	shape, ok := c.gateway.api.Responses[f.kind]
	if !ok {
		shape = c.gateway.api.Responses[f.fallback]
	}
	if shape.Body == "" {
		shape.Body = `{"message":$context.error.messageString}`
	}
	if shape.Status != 0 {
		f.status = shape.Status
	}
	h := c.w.Header()
	c.mark(h)
	h.Set("Content-Type", "application/json")
	for name, value := range shape.Headers {
		h.Set(name, value)
	}
	c.w.WriteHeader(f.status)
	values := c.variables(f)
	_, _ = io.WriteString(c.w, contextVariable.ReplaceAllStringFunc(shape.Body, func(name string) string {
		if v, ok := values[name]; ok {
			return v
		}
		return "-" // as API Gateway writes what is not there
	})) // the client may be gone
}

// forbid answers what is no stage of the API. No template is asked.
func (c *call) forbid() {
	c.mark(c.w.Header())
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(c.w, `{"message":"Forbidden"}`) // the client may be gone
}

func (c *call) variables(f refusal) map[string]string {
	return map[string]string{
		"$context.requestId":           c.id,
		"$context.extendedRequestId":   c.id,
		"$context.httpMethod":          c.r.Method,
		"$context.path":                c.stage + c.r.URL.EscapedPath(),
		"$context.stage":               c.gateway.api.Stage,
		"$context.identity.sourceIp":   c.source(),
		"$context.requestTimeEpoch":    strconv.FormatInt(c.begun.UnixMilli(), 10),
		"$context.error.message":       f.message,
		"$context.error.messageString": strconv.Quote(f.message),
		"$context.error.responseType":  f.kind,
	}
}

func newCall(g *Gateway, w http.ResponseWriter, r *http.Request) *call {
	return &call{gateway: g, w: w, r: r, id: platform.NewID(), begun: time.Now()}
}

// mark sets the headers by which the gateway's answers are known.
func (c *call) mark(h http.Header) {
	h.Set("X-Amzn-Requestid", c.id)
	h.Set("X-Amz-Apigw-Id", c.id)
}

// writeHead sends status and headers of a function's answer. A header that is
// there twice has the values of multiValueHeaders. The length is that of the
// body; of one that is not known it is 0.
func (c *call) writeHead(p proxyResponse, length int) {
	h := c.w.Header()
	for name, value := range p.Headers {
		h.Set(name, fmt.Sprint(value))
	}
	for name, values := range p.MultiValueHeaders {
		h.Del(name)
		for _, value := range values {
			h.Add(name, fmt.Sprint(value))
		}
	}
	if c.r.Method != http.MethodHead {
		h.Del("Content-Length")
	}
	if length > 0 {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	h.Del("Connection")
	h.Del("Transfer-Encoding")
	c.mark(h)
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	c.w.WriteHeader(*p.StatusCode)
}

// The head of a streamed answer is JSON and ends with eight NUL bytes.
var headEnd = make([]byte, 8)

// maxHead is how long the head may be, in bytes.
const maxHead = 64 << 10

// stream passes a streamed answer on as it comes. What breaks before its head
// is there is a 502; later the connection is broken.
func (c *call) stream(body io.ReadCloser) {
	idle := time.AfterFunc(streamIdle, func() { _ = body.Close() })
	defer idle.Stop()
	r := bufio.NewReaderSize(body, 32<<10)
	p, err := readHead(r)
	if err != nil || !p.valid() {
		if c.r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
		c.refuse(badGateway)
		return
	}
	c.writeHead(p, 0)
	flush := http.NewResponseController(c.w).Flush
	for err = flush(); err == nil; {
		if _, err = r.Peek(1); err != nil {
			break
		}
		idle.Reset(streamIdle)
		if _, err = io.CopyN(c.w, r, int64(r.Buffered())); err == nil {
			err = flush()
		}
	}
	if !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler)
	}
}

func readHead(r *bufio.Reader) (p proxyResponse, err error) {
	var head []byte
	for !bytes.HasSuffix(head, headEnd) {
		b, err := r.ReadByte()
		if err != nil {
			return p, err
		}
		if head = append(head, b); len(head) > maxHead {
			return p, errors.New("the head is too long")
		}
	}
	return p, json.Unmarshal(head[:len(head)-len(headEnd)], &p)
}
