package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"griot/infra/stack"
)

// Place is where the stack of the events stands.
var Place = stack.Place{Stack: "griot", Region: "eu-west-1", Account: "000000000000"}

// at is the moment of all events, 2026-06-01T12:00:00Z, in milliseconds.
const at = 1780315200000

// Of returns the event of a case.
func Of(f stack.Function, c Case) ([]byte, error) {
	var e any
	var err error
	switch {
	case f.Serves():
		e, err = request(f, c)
	case f.Every > 0:
		e = clock(f)
	default:
		e = batch(f, c)
	}
	if err != nil {
		return nil, fmt.Errorf("the case %s of %s: %w", c.Name, f.Name(), err)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(e)
	return []byte(b.String()), err
}

// request is a request as API Gateway hands it on.
func request(f stack.Function, c Case) (events.APIGatewayProxyRequest, error) {
	method, target, ok := strings.Cut(c.Lines[0], " ")
	escaped, query, _ := strings.Cut(target, "?")
	path, err := url.PathUnescape(escaped)
	values, errQuery := url.ParseQuery(query)
	if err := errors.Join(err, errQuery); err != nil || !ok {
		return events.APIGatewayProxyRequest{}, fmt.Errorf("%q is no request: %w", c.Lines[0], err)
	}
	headers, body, err := rest(c.Lines[1:])
	if err != nil {
		return events.APIGatewayProxyRequest{}, err
	}
	resource := f.Endpoint().Path
	return events.APIGatewayProxyRequest{
		Resource: resource, Path: path, HTTPMethod: method,
		Headers: last(headers), MultiValueHeaders: headers,
		QueryStringParameters: last(values), MultiValueQueryStringParameters: values,
		PathParameters: parameters(resource, path), Body: body,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID: Place.Account, APIID: "a1b2c3d4e5", Stage: "dev", Protocol: "HTTP/1.1", HTTPMethod: method,
			ResourcePath: resource, Path: "/dev" + path, RequestID: "3f1c0b52-8a9d-4e0f-9b63-5d1f0e8c7a21", RequestTimeEpoch: at,
			DomainName: "a1b2c3d4e5.execute-api." + Place.Region + ".amazonaws.com",
			Identity:   events.APIGatewayRequestIdentity{SourceIP: "203.0.113.7", UserAgent: "curl/8.9.1"},
		},
	}, nil
}

// rest reads headers, up to an empty line, and the body. What curl and the
// gateway send in any case is not said.
func rest(lines []string) (http.Header, string, error) {
	h := http.Header{
		"Accept": {"application/json"}, "Host": {"api.griot.example"}, "User-Agent": {"curl/8.9.1"},
		"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}, "Authorization": {"Bearer ${KEY}"},
	}
	for i, line := range lines {
		if line == "" {
			body := strings.Join(lines[i+1:], "\n")
			if body != "" && h.Get("Content-Type") == "" {
				h.Set("Content-Type", "application/json")
			}
			return h, body, nil
		}
		name, value, isHeader := strings.Cut(line, ": ")
		switch key, isKey := strings.CutPrefix(line, "as "); {
		case line == "as nobody":
			h.Del("Authorization")
		case isKey:
			h.Set("Authorization", "Bearer ${"+key+"}")
		case isHeader:
			h[name] = []string{value}
		default:
			return nil, "", fmt.Errorf("%q is no header", line)
		}
	}
	return h, "", nil
}

// last is what the single-valued maps of an event have of several values.
func last(many map[string][]string) map[string]string {
	if len(many) == 0 {
		return nil
	}
	one := map[string]string{}
	for name, values := range many {
		one[name] = values[len(values)-1]
	}
	return one
}

// parameters are what a path has in the places of its resource's.
func parameters(resource, path string) map[string]string {
	var params map[string]string
	names, values := strings.Split(resource, "/"), strings.Split(path, "/")
	for i, name := range names {
		if name, ok := strings.CutPrefix(name, "{"); ok && i < len(values) {
			if strings.HasSuffix(name, "+}") {
				values[i] = strings.Join(values[i:], "/")
			}
			if params == nil {
				params = map[string]string{}
			}
			params[strings.TrimRight(name, "+}")] = values[i]
		}
	}
	return params
}

// batch is what Lambda's mapping of a queue hands on.
func batch(f stack.Function, c Case) events.SQSEvent {
	var e events.SQSEvent
	for _, line := range c.Lines {
		if line == "" {
			continue
		}
		if key, ok := strings.CutPrefix(line, "object "); ok {
			line = object(key)
		}
		n := len(e.Records)
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: MessageID(n), ReceiptHandle: fmt.Sprintf("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a%d", n), Body: line,
			EventSource: "aws:sqs", EventSourceARN: Place.QueueARN(f.Worker), AWSRegion: Place.Region,
			Attributes: map[string]string{
				"ApproximateReceiveCount": "1", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
				"SentTimestamp": fmt.Sprint(at), "ApproximateFirstReceiveTimestamp": fmt.Sprint(at + 1),
			},
		})
	}
	return e
}

// MessageID is the id of the nth message of a batch.
func MessageID(n int) string { return fmt.Sprintf("0c8a4a7e-0000-4000-8000-%012d", n) }

// object is what S3 sends of a new object, whose key is escaped as in a query.
func object(key string) string {
	return fmt.Sprintf(`{"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": %[1]q, `+
		`"eventTime": "2026-06-01T12:00:00.000Z", "eventName": "ObjectCreated:Put", "s3": {"s3SchemaVersion": "1.0", `+
		`"bucket": {"name": %[2]q, "arn": "arn:aws:s3:::%[2]s"}, `+
		`"object": {"key": %[3]q, "size": 158, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5"}}}]}`,
		Place.Region, Place.Bucket(), key)
}

// clock is what EventBridge sends.
func clock(f stack.Function) map[string]any {
	return map[string]any{
		"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
		"account": Place.Account, "time": "2026-06-01T12:03:00Z", "region": Place.Region, "detail": map[string]any{},
		"resources": []string{"arn:aws:events:" + Place.Region + ":" + Place.Account + ":rule/" + Place.Name(f) + "-Clock"},
	}
}
