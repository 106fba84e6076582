package blobtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"griot/internal/blob"
)

func (b *bench) sign(key string, p blob.SignPut) blob.PutRequest {
	b.Helper()
	if p.Valid == 0 {
		p.Valid = time.Minute
	}
	req, err := b.s.PresignPut(b.Context(), key, p)
	if err != nil {
		b.Fatalf("PresignPut: %v", err)
	}
	return req
}

// upload sends content as a request says, changed by change, and returns the
// answer's status and header.
func (b *bench) upload(p blob.PutRequest, content string, change func(*http.Request)) (int, http.Header) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), p.Method, p.URL, strings.NewReader(content))
	if err != nil {
		b.Fatalf("request: %v", err)
	}
	for name, value := range p.Headers {
		req.Header.Set(name, value)
	}
	if change != nil {
		change(req)
	}
	resp, err := b.Client.Do(req)
	if err != nil {
		b.Fatalf("upload: %v", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Errorf("answer: %v", err)
	}
	return resp.StatusCode, resp.Header
}

func testSignedPut(b *bench) {
	keys := []string{"uploads/ws_1/upl_1", "a b", "ü+%/?x#", "%2F", "a;b=c&d", "日本語", strings.Repeat("x", 300)}
	for _, key := range keys {
		for _, size := range []int{1, 1 << 20} {
			key, content := fmt.Sprint(key, size), filler(size)
			p := b.sign(key, blob.SignPut{Size: int64(size)})
			if p.Method != http.MethodPut || p.Headers["If-None-Match"] != "*" || p.Headers["Content-Length"] != "" {
				b.Errorf("request %+v", p)
			}
			if left := time.Until(p.Expires); left < 50*time.Second || left > 70*time.Second {
				b.Errorf("expires in %v", left)
			}
			status, header := b.upload(p, content, nil)
			if status != http.StatusOK {
				b.Fatalf("PUT of %q: %d", key, status)
			}
			info := b.holds(key, content)
			if got := strings.Trim(header.Get("ETag"), `"`); got != info.ETag {
				b.Errorf("answered ETag %q, Stat says %q", got, info.ETag)
			}
		}
	}
}

func testSignedPutContentType(b *bench) {
	const kind = `text/vtt; charset="utf-8"`
	p := b.sign("a", blob.SignPut{Size: 4, ContentType: kind})
	if p.Headers["Content-Type"] != kind {
		b.Errorf("headers %v", p.Headers)
	}
	b.refused(p, "four", func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })
	b.refused(p, "four", func(r *http.Request) { r.Header.Del("Content-Type") })
	b.missing("a")
	if status, _ := b.upload(p, "four", nil); status != http.StatusOK {
		b.Errorf("PUT: %d", status)
	}
	free := b.sign("b", blob.SignPut{Size: 4})
	status, _ := b.upload(free, "four", func(r *http.Request) { r.Header.Set("Content-Type", "audio/x") })
	if status != http.StatusOK {
		b.Errorf("PUT of any type: %d", status)
	}
}

// refused asserts a client error.
func (b *bench) refused(p blob.PutRequest, content string, change func(*http.Request)) {
	b.Helper()
	if status, _ := b.upload(p, content, change); status < 400 || status > 499 {
		b.Errorf("PUT: %d, want a refusal", status)
	}
}

func testSignedPutOnce(b *bench) {
	p := b.sign("a", blob.SignPut{Size: 4})
	for i, want := range []int{http.StatusOK, http.StatusPreconditionFailed, http.StatusPreconditionFailed} {
		if status, _ := b.upload(p, fmt.Sprint("try", i), nil); status != want {
			b.Errorf("PUT %d: %d, want %d", i, status, want)
		}
	}
	b.holds("a", "try0")
}

func testSignedPutRace(b *bench) {
	p := b.sign("a/b/c", blob.SignPut{Size: 1})
	var stored atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			// A real S3 may also tell concurrent writers to try again (409).
			if status, _ := b.upload(p, fmt.Sprint(i), nil); status == http.StatusOK {
				stored.Add(1)
			} else if status != http.StatusPreconditionFailed && status != http.StatusConflict {
				b.Errorf("PUT: %d", status)
			}
		})
	}
	all.Wait()
	if n := stored.Load(); n != 1 {
		b.Errorf("%d of the PUTs say that they stored", n)
	}
}

// testSignedPutCutOff has the client vanish halfway.
func testSignedPutCutOff(b *bench) {
	const size = 1 << 20
	p := b.sign("a", blob.SignPut{Size: size})
	ctx, cancel := context.WithCancel(b.Context())
	body := io.MultiReader(strings.NewReader(filler(size/2)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, io.ErrUnexpectedEOF
	}))
	req, err := http.NewRequestWithContext(ctx, p.Method, p.URL, body)
	if err != nil {
		b.Fatal(err)
	}
	req.ContentLength = size
	req.Header.Set("If-None-Match", "*")
	if resp, err := b.Client.Do(req); err == nil {
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			b.Error("half a body was stored")
		}
	}
	b.missing("a")
	if status, _ := b.upload(p, filler(size), nil); status != http.StatusOK {
		b.Errorf("the second try: %d", status)
	}
	b.holds("a", filler(size))
}

func testSignedPutTampered(b *bench) {
	b.put("victim", "safe")
	p := b.sign("a", blob.SignPut{Size: 4})
	b.refused(p, "fiver", nil)
	b.refused(p, "six", nil)
	b.refused(p, "", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 })
	b.refused(p, "four", func(r *http.Request) { r.ContentLength = -1 }) // chunked
	b.refused(p, "four", func(r *http.Request) { r.Header.Del("If-None-Match") })
	b.refused(p, "four", func(r *http.Request) { r.Method = http.MethodPost })
	b.refused(p, "four", func(r *http.Request) { r.Method = http.MethodDelete })
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		status, _ := b.upload(p, "", func(r *http.Request) { r.Method, r.Body, r.ContentLength = method, nil, 0 })
		if status != http.StatusForbidden {
			b.Errorf("%s of a URL that was signed for PUT: %d, want 403", method, status)
		}
	}
	b.refused(p, "four", func(r *http.Request) { r.URL.RawQuery = "" })
	b.refused(p, "four", func(r *http.Request) {
		r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "a")+"victim", ""
	})
	b.eachParameter(p)
	b.missing("a")
	b.holds("victim", "safe")
}

// eachParameter changes one query parameter after the other.
func (b *bench) eachParameter(p blob.PutRequest) {
	b.Helper()
	u, err := url.Parse(p.URL)
	if err != nil || len(u.Query()) == 0 {
		b.Fatalf("signed URL: %v", err)
	}
	for name, values := range u.Query() {
		if name == "x-id" { // the SDK's, without a meaning
			continue
		}
		q := u.Query()
		last := values[0][len(values[0])-1]
		q.Set(name, values[0][:len(values[0])-1]+string('0'+(last-'0'+1)%10))
		b.refused(p, "four", func(r *http.Request) { r.URL.RawQuery = q.Encode() })
	}
}

func testSignedPutExpired(b *bench) {
	p := b.sign("a", blob.SignPut{Size: 4, Valid: time.Second})
	if b.advance != nil {
		b.advance(3 * time.Second)
	} else {
		<-time.After(time.Until(p.Expires) + 2*time.Second) // engines count whole seconds, each by its own clock
	}
	if status, _ := b.upload(p, "four", nil); status != http.StatusForbidden {
		b.Errorf("PUT after the end: %d, want 403", status)
	}
	b.missing("a")
}

func testSignedPutFromBrowser(b *bench) {
	const origin = "https://app.example"
	p := b.sign("a", blob.SignPut{Size: 4, ContentType: "text/plain"})
	status, header := b.upload(p, "", func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = http.MethodOptions, nil, 0
		r.Header = http.Header{
			"Origin":                         {origin},
			"Access-Control-Request-Method":  {p.Method},
			"Access-Control-Request-Headers": {"content-type,if-none-match"},
		}
	})
	if status != http.StatusOK && status != http.StatusNoContent {
		b.Errorf("preflight: %d", status)
	}
	b.allows(header, "Access-Control-Allow-Methods", p.Method)
	b.allows(header, "Access-Control-Allow-Headers", "content-type")
	b.allows(header, "Access-Control-Allow-Headers", "if-none-match")
	b.allows(header, "Access-Control-Allow-Origin", origin)
	status, header = b.upload(p, "four", func(r *http.Request) { r.Header.Set("Origin", origin) })
	if status != http.StatusOK {
		b.Errorf("PUT: %d", status)
	}
	b.allows(header, "Access-Control-Allow-Origin", origin)
}

func (b *bench) allows(h http.Header, name, value string) {
	b.Helper()
	got := strings.ToLower(strings.Join(h.Values(name), ","))
	if got != "*" && !strings.Contains(got, strings.ToLower(value)) {
		b.Errorf("%s is %q, does not allow %q", name, got, value)
	}
}

func (b *bench) signGet(key string) blob.GetRequest {
	b.Helper()
	g, err := b.s.PresignGet(b.Context(), key, blob.SignGet{ContentType: "audio/flac", Valid: time.Minute})
	if err != nil {
		b.Fatalf("PresignGet: %v", err)
	}
	if left := time.Until(g.Expires); left < 50*time.Second || left > 70*time.Second {
		b.Errorf("expires in %v", left)
	}
	return g
}

// download sends a request for a signed URL, changed by change.
func (b *bench) download(g blob.GetRequest, change func(*http.Request)) (status int, header http.Header, content string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, g.URL, nil)
	if err != nil {
		b.Fatalf("request: %v", err)
	}
	if change != nil {
		change(req)
	}
	resp, err := b.Client.Do(req)
	if err != nil {
		b.Fatalf("download: %v", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Errorf("answer: %v", err)
	}
	return resp.StatusCode, resp.Header, string(data)
}

func testSignedGet(b *bench) {
	for _, key := range []string{"uploads/ws_1/upl_1", "a b/ü+%?x", "日本語"} {
		b.put(key, "one and two")
		g := b.signGet(key)
		status, header, content := b.download(g, nil)
		if status != http.StatusOK || content != "one and two" || header.Get("Content-Type") != "audio/flac" || header.Get("Content-Length") != "11" {
			b.Errorf("%s: %d, %v, %q", key, status, header, content)
		}
		status, header, content = b.download(g, func(r *http.Request) { r.Header.Set("Range", "bytes=4-6") })
		if status != http.StatusPartialContent || content != "and" || header.Get("Content-Range") != "bytes 4-6/11" {
			b.Errorf("a range of %s: %d, %v, %q", key, status, header, content)
		}
	}
	if status, _, _ := b.download(b.signGet("gone"), nil); status != http.StatusNotFound {
		b.Errorf("GET of no object: %d", status)
	}
}

func testSignedGetTampered(b *bench) {
	b.put("a", "four")
	b.put("victim", "safe")
	g := b.signGet("a")
	for name, change := range map[string]func(*http.Request){
		"another key":  func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "a") + "victim" },
		"no signature": func(r *http.Request) { r.URL.RawQuery = "" },
		"a PUT":        func(r *http.Request) { r.Method, r.ContentLength = http.MethodPut, 0 },
		"a DELETE":     func(r *http.Request) { r.Method = http.MethodDelete },
		"a HEAD":       func(r *http.Request) { r.Method = http.MethodHead },
		"another type": func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "flac", "mpeg", 1) },
	} {
		if status, _, _ := b.download(g, change); status < 400 || status > 499 {
			b.Errorf("%s: %d, want a refusal", name, status)
		}
	}
	b.holds("a", "four")
	b.holds("victim", "safe")
	for _, bad := range []blob.SignGet{{ContentType: "audio/flac"}, {Valid: blob.MaxValid + 1, ContentType: "audio/flac"}, {Valid: time.Minute, ContentType: "a\r\nb"}} {
		if _, err := b.s.PresignGet(b.Context(), "a", bad); err == nil {
			b.Errorf("signed %+v", bad)
		}
	}
}

func testSignRefused(b *bench) {
	bad := []blob.SignPut{
		{Size: -1, Valid: time.Minute},
		{Size: 1},
		{Size: 1, Valid: -time.Minute},
		{Size: 1, Valid: blob.MaxValid + 1},
		{Size: 1, Valid: time.Minute, ContentType: "text/plain\r\nX-Evil: 1"},
		{Size: 1, Valid: time.Minute, ContentType: "text/ü"},
	}
	for _, p := range bad {
		if _, err := b.s.PresignPut(b.Context(), "a", p); err == nil {
			b.Errorf("signed %+v", p)
		}
	}
	b.sign("a", blob.SignPut{Size: 1, Valid: blob.MaxValid})
}

func testKeyOf(b *bench) {
	for _, key := range []string{"uploads/ws_1/upl_1", "a b/ü+%", "a;b?c#d"} {
		p := b.sign(key, blob.SignPut{Size: 1})
		bare, _, _ := strings.Cut(p.URL, "?")
		for _, raw := range []string{p.URL, bare, bare + "?anything=else"} {
			if got, ok := b.s.KeyOf(raw); got != key || !ok {
				b.Errorf("KeyOf(%q) = %q, %v, want %q", raw, got, ok, key)
			}
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			b.Fatal(err)
		}
		u.Host = "elsewhere.example"
		if got, ok := b.s.KeyOf(u.String()); ok {
			b.Errorf("KeyOf another host = %q", got)
		}
	}
	for _, raw := range []string{"", "uploads/a", "/uploads/a", "mailto:a@b.example", "http://%", "https://example.com/a", "\x00"} {
		if got, ok := b.s.KeyOf(raw); ok {
			b.Errorf("KeyOf(%q) = %q", raw, got)
		}
	}
}
