package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// Post is an endpoint with an effect that a client may ask for again with the
// same Idempotency-Key: the second time it gets the stored answer.
type Post[Req, Res any] struct {
	Name, Path string
	Class      limit.Class  // see Endpoint
	Needs      access.Scope // see Endpoint
	// BodyOptional makes an empty body the same as {}.
	BodyOptional bool
	// Strict refuses members of the body that are not known.
	Strict bool

	// Do has the effect. The claim has to go into its transaction, with a
	// result of type Res.
	Do func(r *http.Request, p access.Principal, req Req, claim *idempotency.Claim) (Res, error)
	// Answer renders the result, as Shape is.
	Answer func(Res) (idempotency.Answer, error)
	Shape  reflect.Type // see Endpoint
	// Keep returns what of the result may be stored; nil means all of it.
	Keep func(Res) Res
	// Replay completes a stored answer with what was not kept; nil: nothing.
	Replay func(r *http.Request, p access.Principal, stored idempotency.Answer) (idempotency.Answer, error)
}

// NoBody is the Req of an endpoint that ignores its body.
type NoBody struct{}

// Endpoint returns the route.
func (post Post[Req, Res]) Endpoint() Endpoint {
	ep := Endpoint{Name: post.Name, Method: http.MethodPost, Path: post.Path, Class: post.Class, Needs: post.Needs, Strict: post.Strict, Answer: post.Shape, Serve: post.serve}
	if body := reflect.TypeFor[Req](); body != reflect.TypeFor[NoBody]() {
		ep.Body = body
	}
	return ep
}

func (post Post[Req, Res]) serve(w http.ResponseWriter, r *http.Request, p access.Principal) error {
	body, err := ReadBody(w, r)
	if err != nil {
		return err
	}
	claim, err := post.claim(r, p, body)
	if err != nil {
		return err
	}
	stored, found, err := claim.Lookup(r.Context(), callOf(r).edge.Table)
	if err != nil {
		return err
	}
	if found {
		return post.replay(w, r, p, stored)
	}
	return post.do(w, r, p, body, claim)
}

func (post Post[Req, Res]) do(w http.ResponseWriter, r *http.Request, p access.Principal, body []byte, claim *idempotency.Claim) error {
	var req Req
	_, none := any(req).(NoBody)
	if !none && !(post.BodyOptional && len(bytes.TrimSpace(body)) == 0) {
		if err := decode(body, &req, post.Strict); err != nil {
			return err
		}
	}
	res, err := post.Do(r, p, req, claim)
	if err != nil {
		return post.lost(w, r, p, claim, err)
	}
	answer, err := post.Answer(res)
	if err != nil {
		return fmt.Errorf("rendering the answer: %w", err)
	}
	write(w, answer)
	return nil
}

// lost answers for a request that failed, perhaps only because its twin was
// faster.
func (post Post[Req, Res]) lost(w http.ResponseWriter, r *http.Request, p access.Principal, claim *idempotency.Claim, cause error) error {
	stored, found, err := claim.Taken(cause)
	if err == nil && !found && errs.Is(cause, errs.Conflict) {
		stored, found, err = claim.Lookup(r.Context(), callOf(r).edge.Table)
	}
	if err != nil {
		return err
	}
	if !found {
		return cause
	}
	return post.replay(w, r, p, stored)
}

func (post Post[Req, Res]) replay(w http.ResponseWriter, r *http.Request, p access.Principal, stored idempotency.Answer) error {
	if post.Replay != nil {
		var err error
		if stored, err = post.Replay(r, p, stored); err != nil {
			return err
		}
	}
	w.Header().Set("Idempotent-Replayed", "true")
	write(w, stored)
	return nil
}

func (post Post[Req, Res]) claim(r *http.Request, p access.Principal, body []byte) (*idempotency.Claim, error) {
	key, err := idempotencyKey(r.Header)
	if err != nil {
		return nil, err
	}
	request := idempotency.Request{
		Workspace: p.Workspace, KeyID: p.KeyID,
		Method: r.Method, Path: r.URL.Path, Key: key, Body: body,
	}
	return idempotency.New(request, callOf(r).edge.Now(), post.render), nil
}

func (post Post[Req, Res]) render(result any) (idempotency.Answer, error) {
	res, ok := result.(Res)
	if !ok {
		return idempotency.Answer{}, fmt.Errorf("%s: the result is a %T", post.Name, result)
	}
	if post.Keep != nil {
		res = post.Keep(res)
	}
	return post.Answer(res)
}

func idempotencyKey(h http.Header) (string, error) {
	keys := h.Values("Idempotency-Key")
	switch {
	case len(keys) == 0:
		return "", nil
	case len(keys) > 1 || keys[0] == "" || len(keys[0]) > idempotency.MaxKey || strings.ContainsFunc(keys[0], beyondASCII):
		return "", errs.New(errs.Malformed, "the Idempotency-Key must be one value of 1 to %d bytes of ASCII", idempotency.MaxKey)
	}
	return keys[0], nil
}

// beyondASCII are what a header need not come through a gateway with: two keys
// might arrive as one, and the second request get the first one's answer.
func beyondASCII(r rune) bool { return r > unicode.MaxASCII }

// JSONAnswer returns an answer with v as its body. Bodies that may be stored
// are encoded as the record encodes them, so that a replay has the same bytes.
func JSONAnswer(status int, v any) (idempotency.Answer, error) {
	body, err := json.Marshal(v)
	return idempotency.Answer{Status: status, Body: body}, err
}

// Created returns a 201 answer with its Location.
func Created(location string, v any) (idempotency.Answer, error) {
	answer, err := JSONAnswer(http.StatusCreated, v)
	answer.Headers = map[string]string{"Location": location}
	return answer, err
}

func write(w http.ResponseWriter, a idempotency.Answer) {
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		w.Header().Set(name, a.Headers[name])
	}
	if len(a.Body) > 0 {
		w.Header().Set("Content-Type", JSONType)
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	sendBody(w, a.Body)
}
