package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// call is one request.
type call struct {
	gateway *Gateway
	w       http.ResponseWriter
	r       *http.Request // below the stage
	stage   string        // /dev, where the client has to say it
	id      string
	begun   time.Time
}

// errQuery is a query with an escape that is none.
var errQuery = errors.New("the query cannot be read")

// event is the request as the function gets it. A semicolon separates
// parameters ("Known issues" of API Gateway's guide).
func (c *call) event(m match) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxPayload))
	if err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(strings.ReplaceAll(c.r.URL.RawQuery, ";", "&"))
	if err != nil {
		return nil, errQuery
	}
	headers := c.headers()
	e := events.APIGatewayProxyRequest{
		Resource: m.Path, Path: c.r.URL.Path, HTTPMethod: c.r.Method,
		Headers: last(headers), MultiValueHeaders: headers,
		QueryStringParameters: last(query), MultiValueQueryStringParameters: query,
		PathParameters: m.params, RequestContext: c.context(m),
		Body: string(body),
	}
	if len(body) > 0 && c.gateway.binary(c.r.Header.Get("Content-Type")) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return json.Marshal(e)
}

// headers are the request's own and those of the gateway; without the ones
// that belong to the connection.
func (c *call) headers() http.Header {
	h := c.r.Header.Clone()
	for _, name := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"} {
		h.Del(name)
	}
	h.Set("Host", c.r.Host)
	h.Set("X-Forwarded-For", c.source())
	h.Set("X-Forwarded-Proto", "http")
	h.Set("X-Amzn-Trace-Id", c.trace())
	return h
}

func (c *call) source() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}

func (c *call) trace() string {
	return "Root=1-" + strings.ToLower(c.id[:8]) + "-" + strings.ReplaceAll(c.id, "-", "")[8:]
}

// last is what the single-valued maps of an event have of several values.
func last(many map[string][]string) map[string]string {
	one := map[string]string{}
	for name, values := range many {
		one[name] = values[len(values)-1]
	}
	return one
}

func (c *call) context(m match) events.APIGatewayProxyRequestContext {
	host := c.r.Host
	if _, port, err := net.SplitHostPort(host); err == nil {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return events.APIGatewayProxyRequestContext{
		AccountID: "000000000000", APIID: "local", Stage: c.gateway.api.Stage,
		ResourceID: "local", ResourcePath: m.Path, Path: c.stage + c.r.URL.Path, HTTPMethod: c.r.Method,
		RequestID: c.id, ExtendedRequestID: c.id, Protocol: c.r.Proto, DomainName: host, DomainPrefix: "local",
		RequestTime:      c.begun.UTC().Format("02/Jan/2006:15:04:05 -0700"),
		RequestTimeEpoch: c.begun.UnixMilli(),
		Identity: events.APIGatewayRequestIdentity{
			SourceIP: c.source(), UserAgent: c.r.UserAgent(),
		},
	}
}

// binary reports whether bodies of a media type are bytes, not text.
func (g *Gateway) binary(mediaType string) bool {
	first, _, _ := strings.Cut(mediaType, ",")
	plain, _, err := mime.ParseMediaType(first)
	if err != nil {
		plain = ""
	}
	for _, known := range g.api.BinaryTypes {
		if known == "*/*" || strings.EqualFold(known, plain) {
			return true
		}
	}
	return false
}

// decode returns the bytes of an answer. Base64 is decoded for clients that
// accept a binary type first; to others it is text like any other.
func (c *call) decode(p proxyResponse) ([]byte, error) {
	if p.IsBase64Encoded && c.gateway.binary(c.r.Header.Get("Accept")) {
		return base64.StdEncoding.DecodeString(p.Body)
	}
	return []byte(p.Body), nil
}
