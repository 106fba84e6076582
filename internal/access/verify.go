// Package access says who calls and what they may do: workspaces, projects,
// keys and scopes.
package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// A credential is what a client sends: <family>_<env>_<id>.<secret>. The part
// before the dot is the key's id; it may be shown and logged.
const (
	idLen         = 16
	secretLen     = 32  // of those we make: 190 bits
	maxCredential = 256 // bytes; anything longer is none of ours

	idAlphabet     = "abcdefghijklmnopqrstuvwxyz0123456789"
	secretAlphabet = idAlphabet + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// DefaultFamily is the family and environment of a key when none is named.
const DefaultFamily = "cmk_live"

// Families are the families and environments of keys that both APIs accept.
var Families = []string{"cmk_live", "cmk_test", "mk_live", "mk_test", "mk_int"}

// parseCredential splits a credential into the key's id and its secret; ok is
// false for what cannot be one, so that nothing is looked up for it.
func parseCredential(s string) (keyID, secret string, ok bool) {
	if len(s) > maxCredential {
		return "", "", false
	}
	keyID, secret, ok = strings.Cut(s, ".")
	ok = ok && validKeyID(keyID) && len(secret) >= secretLen && consistsOf(secret, secretAlphabet)
	return keyID, secret, ok
}

func validKeyID(keyID string) bool {
	for _, family := range Families {
		body, ok := strings.CutPrefix(keyID, family+"_")
		if ok && len(body) == idLen && consistsOf(body, idAlphabet) {
			return true
		}
	}
	return false
}

func consistsOf(s, alphabet string) bool {
	return strings.Trim(s, alphabet) == ""
}

// newCredential returns a key id that was never used and its secret.
func newCredential(family string) (keyID, secret string) {
	return family + "_" + random(idAlphabet, idLen), random(secretAlphabet, secretLen)
}

// random returns n characters of the alphabet, each as likely as the others.
func random(alphabet string, n int) string {
	fair := 256 - 256%len(alphabet) // bytes from here on would favour the first
	out := make([]byte, 0, n)
	var b [1]byte
	for len(out) < n {
		rand.Read(b[:]) // never fails
		if int(b[0]) < fair {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out)
}

func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// keyRow is what Verify reads: ids, scopes, times and the hash of the secret.
// It is the one row whose partition does not begin with the workspace, which
// is not known before it is read.
func keyRow(keyID string) table.Key {
	return table.Key{Table: table.Access, PK: "key#" + keyID, SK: "key"}
}

// Admit is Verify for a request: it also notes that the key is used. It does
// not wait for the note; see [Directory.Settle].
func (d *Directory) Admit(ctx context.Context, bearer string) (Principal, error) {
	p, used, err := d.verify(ctx, bearer)
	if err == nil {
		d.noteUse(ctx, p.KeyID, used)
	}
	return p, err
}

// Verify returns whose key the bearer is, by one consistent read and without
// a cache, so that a revoked key is refused at once. Its errors do not tell a
// wrong secret from an unknown, revoked or expired key.
func (d *Directory) Verify(ctx context.Context, bearer string) (Principal, error) {
	p, _, err := d.verify(ctx, bearer)
	return p, err
}

func (d *Directory) verify(ctx context.Context, bearer string) (p Principal, used time.Time, err error) {
	if bearer == "" {
		return Principal{}, used, unauthenticated("missing_credentials", "an API key is required: Authorization: Bearer <key>")
	}
	keyID, secret, ok := parseCredential(bearer)
	if !ok {
		return Principal{}, used, invalidCredentials()
	}
	item, err := d.Table.Get(ctx, keyRow(keyID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Principal{}, used, invalidCredentials()
	}
	if err != nil {
		return Principal{}, used, fmt.Errorf("looking up the key: %w", err)
	}
	if subtle.ConstantTimeCompare(hashSecret(secret), item.Bytes("hash")) != 1 || !d.usable(item) {
		return Principal{}, used, invalidCredentials()
	}
	p = Principal{Workspace: item.Str("workspace"), KeyID: keyID, Scopes: readScopes(item), ExpiresAt: item.Time("expires")}
	p.ReadOnly = item.Str(closingAttr) != ""
	return p, item.Time(usedAttr), nil
}

func (d *Directory) usable(item table.Item) bool {
	expires := item.Time("expires")
	return item.Time("revoked").IsZero() && (expires.IsZero() || d.now().Before(expires))
}

func invalidCredentials() error {
	return unauthenticated("invalid_credentials", "the API key is unknown, revoked or expired")
}

func unauthenticated(code, message string) error {
	return &errs.Error{Kind: errs.Unauthenticated, Code: code, Message: message}
}

// Scopes are stored as one string, separated by blanks.
func readScopes(item table.Item) []Scope {
	var scopes []Scope
	for s := range strings.FieldsSeq(item.Str("scopes")) {
		scopes = append(scopes, Scope(s))
	}
	return scopes
}

func writeScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

// Scope is a permission of a key (contract A.6 and C).
type Scope string

const (
	SessionsRead       Scope = "sessions:read"
	SessionsWrite      Scope = "sessions:write"
	ConversationsRead  Scope = "conversations:read"
	ConversationsWrite Scope = "conversations:write"
	MemoriesRead       Scope = "memories:read"
	MemoriesWrite      Scope = "memories:write"
	APIKeysManage      Scope = "api_keys:manage"
	// All stands for every scope there is or will be; only operators grant it.
	All Scope = "*"
)

// Writes reports whether something can be changed by the scope.
func (s Scope) Writes() bool { return s == APIKeysManage || strings.HasSuffix(string(s), ":write") }

// Principal is a verified caller. Its workspace is part of every partition
// key that is read or written for it.
type Principal struct {
	Workspace string // ws_…
	KeyID     string // the part of the key before the dot, or Operator
	Scopes    []Scope
	ExpiresAt time.Time // of the key; zero: it does not expire
	ReadOnly  bool      // its workspace is to be deleted; see ErrClosing
}

// Operator stands where a key's id would, for whoever runs griot.
const Operator = "operator"

// Require returns PermissionDenied naming the scopes when p has none of them.
func (p Principal) Require(scopes ...Scope) error {
	has := func(s Scope) bool { return slices.Contains(p.Scopes, s) }
	if has(All) || slices.ContainsFunc(scopes, has) {
		return nil
	}
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return errs.New(errs.PermissionDenied, "the key lacks the scope %s", strings.Join(names, " or "))
}

// usedAttr of a key's row is the beginning of the hour in which the key was
// last used.
const usedAttr = "used"

const (
	// noteTimeout bounds how long a note may be waited for.
	noteTimeout = time.Second
	// notePause is for how long none is tried after one failed.
	notePause = time.Minute
)

// uses are the notes that this process is writing.
type uses struct {
	mu     sync.Mutex
	open   map[string]chan struct{} // by key; closed when its note is written
	resume time.Time                // after one failed
}

// noteUse writes down, beside the request, that a key is used in this hour; the
// row that was read says whether that is known. A note that fails is tried
// again by a later request: it is never a request's fault.
func (d *Directory) noteUse(ctx context.Context, keyID string, last time.Time) {
	now := d.now()
	hour := now.Truncate(time.Hour)
	if !last.Before(hour) || !d.uses.begin(keyID, now) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	go func() {
		defer cancel()
		err := d.writeUse(ctx, keyID, hour)
		d.uses.end(keyID, err == nil, now)
		if err != nil && !errs.Is(err, errs.InsufficientStorage) { // which the host has said
			slog.WarnContext(ctx, "the use of a key was not noted; it will be", "key", keyID, "error", err)
		}
	}()
}

// writeUse only moves the time forward. Of two that note the same hour one
// changes nothing, and both succeed.
func (d *Directory) writeUse(ctx context.Context, keyID string, hour time.Time) error {
	ms := hour.UnixMilli()
	_, err := d.Table.Write(ctx, table.Repeatable(table.Update(keyRow(keyID), table.Attrs{usedAttr: ms},
		table.Exists(), table.MissingOrLess(usedAttr, ms))))
	if table.Failed(err) != nil {
		return nil
	}
	return err
}

// begin reports whether the caller is to write the key's note now.
func (u *uses) begin(keyID string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open[keyID] != nil || now.Before(u.resume) {
		return false
	}
	if u.open == nil {
		u.open = map[string]chan struct{}{}
	}
	u.open[keyID] = make(chan struct{})
	return true
}

func (u *uses) end(keyID string, written bool, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.open[keyID])
	delete(u.open, keyID)
	if !written {
		u.resume = now.Add(notePause)
	}
}

func (u *uses) begun() []chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []chan struct{}
	for _, done := range u.open {
		all = append(all, done)
	}
	return all
}

// Settle waits for the notes that were begun before it, a second at most. A
// process calls it before it is stopped or frozen.
func (d *Directory) Settle() {
	for _, done := range d.uses.begun() {
		<-done
	}
}

// readUses completes keys with the times of their last use, which stand in the
// rows that requests read anyway, so that a use costs one write.
func (d *Directory) readUses(ctx context.Context, keys []Key) error {
	d.Settle()
	for first := 0; first < len(keys); first += table.MaxBatchGet {
		part := keys[first:min(first+table.MaxBatchGet, len(keys))]
		rows := make([]table.Key, len(part))
		for i, k := range part {
			rows[i] = keyRow(k.ID)
		}
		items, err := d.Table.BatchGet(ctx, rows, table.Consistent)
		if err != nil {
			return err
		}
		for i, item := range items {
			part[i].LastUsedAt = item.Time(usedAttr)
		}
	}
	return nil
}
