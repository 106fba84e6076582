package dir

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"griot/internal/blob"
)

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
