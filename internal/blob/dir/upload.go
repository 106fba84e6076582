package dir

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
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

const (
	secretFile = "upload.key"
	// UploadPath begins the paths that the Handler serves.
	UploadPath = "/uploads/"
)

// ErrSecret is a secret that signs nothing. When its file is removed, the next
// Open makes another, and URLs that were signed before are refused.
var ErrSecret = fmt.Errorf("%s does not hold %d bytes in hexadecimal", secretFile, sha256.Size)

// loadSecret reads the secret, or makes it once.
func (s *Store) loadSecret() (err error) {
	s.secret, err = readSecret(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		return s.makeSecret()
	}
	return err
}

func readSecret(root *os.Root) ([]byte, error) {
	text, err := root.ReadFile(secretFile)
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != sha256.Size {
		return nil, ErrSecret
	}
	return secret, nil
}

// CheckSecret reads the secret in a store's directory, whether or not a store
// is open on it. None is as good: Open makes it.
func CheckSecret(directory string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("opening the object directory: %w", err)
	}
	defer root.Close()
	if _, err = readSecret(root); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (s *Store) makeSecret() error {
	s.secret = make([]byte, sha256.Size)
	rand.Read(s.secret) // never fails
	name := temp + "/" + secretFile
	if err := s.writeSecret(name); err != nil {
		return err
	}
	if err := s.root.Rename(name, secretFile); err != nil {
		return err
	}
	return s.syncDir(".")
}

func (s *Store) writeSecret(name string) error {
	if err := s.root.WriteFile(name, []byte(hex.EncodeToString(s.secret)+"\n"), 0o600); err != nil {
		return err
	}
	if !s.sync {
		return nil
	}
	f, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// ticket is what a signature covers.
type ticket struct {
	method      string // PUT or GET
	key         string
	size        int64  // of a PUT
	contentType string // of a PUT: "" when the client may choose; of a GET: the answer's
	expires     int64  // Unix time
}

// signature is hexadecimal.
func (s *Store) signature(t ticket) string {
	mac := hmac.New(sha256.New, s.secret)
	fmt.Fprintf(mac, "griot upload 1\n%s\n%q\n%d\n%q\n%d", t.method, t.key, t.size, t.contentType, t.expires)
	return hex.EncodeToString(mac.Sum(nil))
}

// PresignPut implements blob.Store. The URL is one of the Handler.
func (s *Store) PresignPut(ctx context.Context, key string, p blob.SignPut) (blob.PutRequest, error) {
	if err := s.checkSign(key, p); err != nil {
		return blob.PutRequest{}, fmt.Errorf("signing an upload: %w", err)
	}
	signed, expires := s.sign(ticket{method: http.MethodPut, key: key, size: p.Size, contentType: p.ContentType}, p.Valid)
	headers := map[string]string{"If-None-Match": "*"}
	if p.ContentType != "" {
		headers["Content-Type"] = p.ContentType
	}
	return blob.PutRequest{URL: signed, Method: http.MethodPut, Headers: headers, Expires: expires}, nil
}

// PresignGet implements blob.Store. The URL is one of the Handler.
func (s *Store) PresignGet(ctx context.Context, key string, g blob.SignGet) (blob.GetRequest, error) {
	if err := s.checkSign(key, blob.SignPut{ContentType: g.ContentType, Valid: g.Valid}); err != nil {
		return blob.GetRequest{}, fmt.Errorf("signing a download: %w", err)
	}
	signed, expires := s.sign(ticket{method: http.MethodGet, key: key, contentType: g.ContentType}, g.Valid)
	return blob.GetRequest{URL: signed, Expires: expires}, nil
}

// sign makes the URL of a ticket, and says when it expires.
func (s *Store) sign(t ticket, valid time.Duration) (string, time.Time) {
	expires := s.now().Add(valid + time.Second - 1).Truncate(time.Second).UTC()
	t.expires = expires.Unix()
	u := *s.base
	u.Path += UploadPath + t.key
	u.RawQuery = t.query(s.signature(t)).Encode()
	return u.String(), expires
}

func (s *Store) checkSign(key string, p blob.SignPut) error {
	switch {
	case s.base == nil:
		return errors.New("the store has no address")
	case p.Size < 0:
		return fmt.Errorf("no object has %d bytes", p.Size)
	case p.Valid <= 0 || p.Valid > blob.MaxValid:
		return fmt.Errorf("cannot be valid for %v", p.Valid)
	case strings.ContainsFunc(p.ContentType, func(r rune) bool { return r < ' ' || r > '~' }):
		return errors.New("content type is not printable ASCII")
	}
	return blob.CheckKey(key)
}

func (t ticket) query(signature string) url.Values {
	q := url.Values{
		"expires": {strconv.FormatInt(t.expires, 10)},
		"size":    {strconv.FormatInt(t.size, 10)},
		"sig":     {signature},
	}
	if t.contentType != "" {
		q.Set("type", t.contentType)
	}
	return q
}

// verify returns the ticket that a request for a key carries.
func (s *Store) verify(method, key string, q url.Values) (ticket, bool) {
	size, errSize := strconv.ParseInt(q.Get("size"), 10, 64)
	expires, errExpires := strconv.ParseInt(q.Get("expires"), 10, 64)
	t := ticket{method: method, key: key, size: size, contentType: q.Get("type"), expires: expires}
	same := hmac.Equal([]byte(q.Get("sig")), []byte(s.signature(t)))
	return t, same && errSize == nil && errExpires == nil
}

// KeyOf implements blob.Store. A URL is one of this store when its scheme,
// host and path are those of PresignPut's.
func (s *Store) KeyOf(rawURL string) (key string, ok bool) {
	u, err := url.Parse(rawURL)
	if err != nil || s.base == nil || u.User != nil || origin(u) != origin(s.base) {
		return "", false
	}
	key, ok = s.keyOfPath(u.Path)
	return key, ok
}

// keyOfPath returns the key of a decoded path.
func (s *Store) keyOfPath(path string) (key string, ok bool) {
	prefix := UploadPath
	if s.base != nil {
		prefix = s.base.Path + UploadPath
	}
	key, ok = strings.CutPrefix(path, prefix)
	if !ok || blob.CheckKey(key) != nil {
		return "", false
	}
	return key, true
}

// origin is scheme, host and port in the one form that equal ones share.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
