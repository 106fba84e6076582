package lambdafn

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// maxEnvelope is the most bytes that Lambda takes of a buffered answer: of the
// JSON that it is in, where a quote is two bytes and a control character six
// (Lambda quotas, "invocation payload").
const maxEnvelope = 6_291_456

// mostOfAByte is what a byte of a body can come to in the envelope.
const mostOfAByte = len(`\u0001`)

// fitted returns the answer so that it fits into its envelope, if it can be
// made to, and the envelope's bytes. The client gets it compressed then, as
// one that does not say which encodings it takes has to expect. Those that say
// that they take gzip have it already.
func fitted(out events.APIGatewayProxyResponse, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, int) {
	if n := len(out.Body) * mostOfAByte; n <= maxEnvelope/2 {
		return out, n
	}
	n := envelope(out)
	if n <= maxEnvelope || out.IsBase64Encoded || !takesAnyEncoding(event) {
		return out, n
	}
	out = zipped(out)
	return out, envelope(out)
}

// envelope is the size of what the Lambda library sends.
func envelope(out events.APIGatewayProxyResponse) int {
	var size counter
	enc := json.NewEncoder(&size)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		panic(err) // strings and numbers always encode
	}
	return int(size)
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// takesAnyEncoding reports whether a client left the encoding to the server
// (RFC 9110, 12.5.3), and says what it accepts, see [readable].
func takesAnyEncoding(event events.APIGatewayProxyRequest) bool {
	r, err := request(context.Background(), event)
	return err == nil && len(r.Header.Values("Accept-Encoding")) == 0 && r.Header.Get("Accept") != "" && !onSAMLocal()
}

func zipped(out events.APIGatewayProxyResponse) events.APIGatewayProxyResponse {
	var body bytes.Buffer
	to := base64.NewEncoder(base64.StdEncoding, &body)
	zw := gzip.NewWriter(to)
	_, _ = zw.Write([]byte(out.Body)) // memory takes it all
	_, _ = zw.Close(), to.Close()
	out.Body, out.IsBase64Encoded = body.String(), true
	h := http.Header(maps.Clone(out.MultiValueHeaders))
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	out.MultiValueHeaders = h
	return out
}
