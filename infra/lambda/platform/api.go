package platform

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The media type of an answer that begins with its own status and headers
// and is sent as it is made.
const integrationResponse = "application/vnd.awslambda.http-integration-response"

// api is the Runtime API of 2018-06-01.
func (e *environment) api() http.Handler {
	mux := http.NewServeMux()
	const root = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+root+"invocation/next", e.serveNext)
	mux.HandleFunc("POST "+root+"invocation/{id}/response", e.serveResponse)
	mux.HandleFunc("POST "+root+"invocation/{id}/error", e.serveError)
	mux.HandleFunc("POST "+root+"init/error", e.serveInitError)
	return mux
}

// serveNext waits for an invocation as long as the process does.
func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case e.polled <- struct{}{}:
	default: // it asks twice
	}
	select {
	case <-r.Context().Done():
	case inv := <-e.next:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.function.ARN)
		h.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%.24s;Sampled=0", inv.deadline.Unix(), compact(inv.id)))
		_, _ = w.Write(inv.event) // the process is watched elsewhere
	}
}

func compact(id string) string {
	var out []byte
	for _, c := range []byte(id) {
		if c != '-' {
			out = append(out, c)
		}
	}
	return string(out)
}

// invocation returns the one that the process may answer now, or refuses.
func (e *environment) invocation(w http.ResponseWriter, r *http.Request) *invocation {
	inv := e.current.Load()
	if inv == nil || inv.id != r.PathValue("id") {
		reply(w, http.StatusBadRequest, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`)
		return nil
	}
	return inv
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the process is watched elsewhere
}

func accept(w http.ResponseWriter) { reply(w, http.StatusAccepted, `{"status":"OK"}`) }

func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	inv := e.invocation(w, r)
	switch {
	case inv == nil:
	case r.Header.Get("Content-Type") == integrationResponse, r.Header.Get("Lambda-Runtime-Function-Response-Mode") == "streaming":
		e.serveStream(w, r, inv)
	default:
		e.serveBuffered(w, r, inv)
	}
}

func (e *environment) serveBuffered(w http.ResponseWriter, r *http.Request, inv *invocation) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxResponse+1))
	switch {
	case err != nil: // the process is dying
	case len(body) > MaxResponse:
		inv.fail(&FunctionError{"Function.ResponseSizeTooLarge",
			fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponse)})
		reply(w, http.StatusRequestEntityTooLarge, `{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size"}`)
	default:
		if failure := trailing(r.Trailer); failure != nil {
			inv.fail(failure)
		} else {
			inv.answer(body)
		}
		accept(w)
	}
}

func (e *environment) serveStream(w http.ResponseWriter, r *http.Request, inv *invocation) {
	if err := inv.stream(r.Body); err != nil {
		return // the process is dying
	}
	if failure := trailing(r.Trailer); failure != nil {
		inv.fail(failure)
	}
	_ = inv.pipe.Close() // never fails; the first end counts
	accept(w)
}

// trailing returns the error that a function reported behind its answer.
func trailing(h http.Header) *FunctionError {
	kind := h.Get("Lambda-Runtime-Function-Error-Type")
	if kind == "" {
		return nil
	}
	failure := FunctionError{Type: kind}
	data, err := base64.StdEncoding.DecodeString(h.Get("Lambda-Runtime-Function-Error-Body"))
	if err == nil {
		_ = json.Unmarshal(data, &failure) // the type is known already
	}
	return &failure
}

func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	if inv := e.invocation(w, r); inv != nil {
		inv.fail(readError(r))
		accept(w)
	}
}

func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	e.broken.Store(readError(r))
	accept(w)
}

func readError(r *http.Request) *FunctionError {
	failure := FunctionError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")}
	if err := json.NewDecoder(io.LimitReader(r.Body, MaxResponse)).Decode(&failure); err != nil {
		failure.Message = "the function's error could not be read"
	}
	return &failure
}
