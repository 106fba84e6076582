package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// lambdaRuntime is as much of Lambda's Runtime API as a first invocation
// needs. Each process gets its own.
type lambdaRuntime struct {
	server   *httptest.Server
	polled   chan time.Time // the first poll
	events   chan string    // what to answer a poll with
	answered chan string    // what the function answered
}

func newRuntime() (*lambdaRuntime, error) {
	rt := &lambdaRuntime{polled: make(chan time.Time, 100), events: make(chan string, 1), answered: make(chan string, 1)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", rt.next)
	mux.HandleFunc("POST /2018-06-01/runtime/", rt.answer)
	rt.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: mux}}
	rt.server.Start()
	return rt, nil
}

func (rt *lambdaRuntime) address() string { return strings.TrimPrefix(rt.server.URL, "http://") }

func (rt *lambdaRuntime) close() {
	rt.server.CloseClientConnections()
	rt.server.Close()
}

func (rt *lambdaRuntime) next(w http.ResponseWriter, r *http.Request) {
	rt.polled <- time.Now()
	select {
	case event := <-rt.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(15*time.Second).UnixMilli()))
		_, _ = io.WriteString(w, event) // a process that was killed needs nothing
	case <-r.Context().Done():
	}
}

func (rt *lambdaRuntime) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // half an answer will not be the wanted one
	rt.answered <- string(body)
	w.WriteHeader(http.StatusAccepted)
}
