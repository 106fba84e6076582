package dir

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
)

// uploadIdle is how long an upload may be silent. The server's own timeouts,
// meant for small requests, do not hold for an upload that makes progress.
const uploadIdle = 60 * time.Second

// Handler serves the URLs of PresignPut and PresignGet below /uploads/, and
// answers as S3 does:
//
//	200  stored, with its ETag; or the object
//	206  a range of the object
//	400  the body broke off, or was silent for a minute
//	403  wrong signature, expired, or not the method, size and headers that were signed
//	404  not a key
//	405  a method that no object has (a browser's preflight is answered)
//	411  no Content-Length
//	412  the key is taken: an earlier PUT arrived
//	500  not stored, or OnCreated failed
//	507  not stored: the disk takes no writes
//
// Errors have S3's small XML body. Browsers of any origin may upload.
func (s *Store) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// refusal is an answer that is not 200.
type refusal struct {
	status        int
	code, message string
	cause         error // logged
}

func (s *Store) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodPut:
		s.servePut(w, r)
	case http.MethodGet, http.MethodHead:
		s.serveGet(w, r)
	case http.MethodDelete: // S3 has it, and what was signed is another one
		forbidden("SignatureDoesNotMatch", "The URL was not signed for DELETE.").write(w)
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", http.MethodPut)
		h.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, PUT, OPTIONS")
		refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "Only GET and PUT are allowed here.", nil}.write(w)
	}
}

func (s *Store) servePut(w http.ResponseWriter, r *http.Request) {
	t, no := s.admitPut(r)
	if no == nil {
		no = s.store(w, r, t)
	}
	if no == nil {
		return
	}
	if no.cause != nil && no.status == http.StatusInternalServerError {
		slog.ErrorContext(r.Context(), "upload failed", "err", no.cause)
	}
	no.write(w)
}

// admit checks that a request is the one that was signed, by its method, its
// path and its time.
func (s *Store) admit(method string, r *http.Request) (ticket, *refusal) {
	key, ok := s.keyOfPath(r.URL.Path)
	if !ok {
		return ticket{}, &refusal{http.StatusNotFound, "NoSuchKey", "This path names no object.", nil}
	}
	t, ok := s.verify(method, key, r.URL.Query())
	switch {
	case !ok:
		return t, forbidden("SignatureDoesNotMatch", "The signature does not fit the request.")
	case s.now().Unix() >= t.expires:
		return t, forbidden("AccessDenied", "Request has expired.")
	}
	return t, nil
}

// admitPut checks everything about a PUT that does not need its body.
func (s *Store) admitPut(r *http.Request) (ticket, *refusal) {
	t, no := s.admit(http.MethodPut, r)
	switch {
	case no != nil:
		return t, no
	case r.ContentLength < 0:
		return t, &refusal{http.StatusLengthRequired, "MissingContentLength", "Content-Length is required.", nil}
	case r.ContentLength != t.size:
		return t, forbidden("SignatureDoesNotMatch", "Content-Length is not the size that was signed.")
	case r.Header.Get("If-None-Match") != "*":
		return t, forbidden("SignatureDoesNotMatch", "If-None-Match: * was signed and is required.")
	case t.contentType != "" && r.Header.Get("Content-Type") != t.contentType:
		return t, forbidden("SignatureDoesNotMatch", "Content-Type is not the one that was signed.")
	}
	return t, nil
}

// serveGet answers with an object, or the range of it that is asked for.
func (s *Store) serveGet(w http.ResponseWriter, r *http.Request) {
	t, no := s.admit(r.Method, r)
	if no != nil {
		no.write(w)
		return
	}
	f, info, err := s.open(r.Context(), t.key)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		refusal{http.StatusNotFound, "NoSuchKey", "The object is not there.", nil}.write(w)
		return
	case err != nil:
		slog.ErrorContext(r.Context(), "download failed", "err", err)
		refusal{http.StatusInternalServerError, "InternalError", "The download failed on our side; try again.", err}.write(w)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", t.contentType)
	w.Header().Set("ETag", `"`+info.ETag+`"`)
	http.ServeContent(w, r, "", info.Modified, io.NewSectionReader(f, 0, info.Size))
}

func forbidden(code, message string) *refusal {
	return &refusal{http.StatusForbidden, code, message, nil}
}

// store takes the body, unless the key is taken, and tells OnCreated.
func (s *Store) store(w http.ResponseWriter, r *http.Request, t ticket) *refusal {
	// From here on the outcome does not depend on the client's patience.
	ctx := context.WithoutCancel(r.Context())
	if info, err := s.Stat(ctx, t.key); err == nil {
		if no := s.created(ctx, info); no != nil {
			return no
		}
		return taken()
	}
	body := newBody(w, r)
	info, err := s.Put(ctx, t.key, body, t.size, blob.Put{IfAbsent: true})
	body.end()
	switch {
	case errors.Is(err, blob.ErrExists):
		return taken()
	case body.err != nil:
		return body.refusal()
	case err != nil:
		return internal(err)
	}
	if no := s.created(ctx, info); no != nil {
		return no
	}
	w.Header().Set("ETag", `"`+info.ETag+`"`)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Store) created(ctx context.Context, info blob.Info) *refusal {
	if s.OnCreated == nil {
		return nil
	}
	if err := s.OnCreated(ctx, info.Key, info); err != nil {
		return internal(err)
	}
	return nil
}

func taken() *refusal {
	return &refusal{http.StatusPreconditionFailed, "PreconditionFailed", "The object exists: an earlier upload arrived.", nil}
}

// internal is a failure of ours, or of the disk.
func internal(cause error) *refusal {
	if errs.Is(cause, errs.InsufficientStorage) {
		return &refusal{http.StatusInsufficientStorage, "InsufficientStorage", errs.As(cause).Message, cause}
	}
	return &refusal{http.StatusInternalServerError, "InternalError", "The upload failed on our side; try again.", cause}
}

// body is a request's body with a deadline that progress moves.
type body struct {
	io.Reader
	conn *http.ResponseController
	err  error // of a read, but for io.EOF
}

func newBody(w http.ResponseWriter, r *http.Request) *body {
	b := &body{Reader: r.Body, conn: http.NewResponseController(w)}
	_ = b.conn.SetWriteDeadline(time.Time{}) // where not supported, there is no deadline
	return b
}

func (b *body) Read(p []byte) (int, error) {
	_ = b.conn.SetReadDeadline(time.Now().Add(uploadIdle))
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// end lifts the deadline, which would otherwise end the request's context.
func (b *body) end() { _ = b.conn.SetReadDeadline(time.Time{}) }

func (b *body) refusal() *refusal {
	if errors.Is(b.err, os.ErrDeadlineExceeded) {
		return &refusal{http.StatusBadRequest, "RequestTimeout", "The body was silent for too long.", b.err}
	}
	return &refusal{http.StatusBadRequest, "IncompleteBody", "The body ended before Content-Length.", b.err}
}

func (no refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(no.status)
	io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(struct { // the client may be gone
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: no.code, Message: no.message})
}
