package fetch

import (
	"context"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// The guard itself, without connecting to anything.
func TestGuard(t *testing.T) {
	allowed := []string{
		"1.1.1.1:443", "100.63.255.255:443", "100.128.0.0:443", "172.32.0.1:443", "192.169.0.1:443",
		"[2606:4700:4700::1111]:443", "[2a00:1450:4001::1]:443",
	}
	denied := map[string][]string{
		"loopback":      {"127.0.0.1:443", "127.255.255.254:443", "[::1]:443"},
		"unspecified":   {"0.0.0.0:443", "0.1.2.3:443", "[::]:443"},
		"private":       {"10.1.2.3:443", "172.16.0.1:443", "172.31.255.255:443", "192.168.1.1:443", "[fc00::1]:443", "[fd12::1]:443"},
		"link-local":    {"169.254.0.1:443", "[fe80::1]:443", "[fe80::1%eth0]:443"},
		"metadata":      {"169.254.169.254:443", "169.254.170.2:443", "[fd00:ec2::254]:443", "168.63.129.16:443", "100.100.100.200:443", "192.0.0.192:443"},
		"carrier NAT":   {"100.64.0.1:443", "100.127.255.255:443"},
		"multicast":     {"224.0.0.1:443", "239.255.255.255:443", "[ff02::1]:443"},
		"broadcast":     {"255.255.255.255:443", "240.0.0.1:443"},
		"documentation": {"192.0.2.1:443", "198.51.100.1:443", "203.0.113.1:443", "[2001:db8::1]:443", "[3fff::1]:443"},
		"benchmarking":  {"198.18.0.1:443", "198.19.255.255:443"},
		"IPv4-mapped":   {"[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[::ffff:1.1.1.1]:443"},
		"compatible":    {"[::127.0.0.1]:443"},
		"NAT64":         {"[64:ff9b::7f00:1]:443", "[64:ff9b:1::1]:443"},
		"6to4":          {"[2002:7f00:1::]:443", "[2002:a9fe:a9fe::]:443"},
		"Teredo":        {"[2001:0:4136:e378::1]:443"},
		"site-local":    {"[fec0::1]:443"},
		"other ports":   {"1.1.1.1:80", "1.1.1.1:8443", "1.1.1.1:22", "[2606:4700:4700::1111]:80"},
		"nonsense":      {"example.com:443", "1.1.1.1", ""},
	}
	guard := Client{}.guard()
	for _, address := range allowed {
		if err := guard(family(address), address, nil); err != nil {
			t.Errorf("%s is refused: %v", address, err)
		}
	}
	for name, addresses := range denied {
		for _, address := range addresses {
			if guard(family(address), address, nil) == nil {
				t.Errorf("%s is let through (%s)", address, name)
			}
		}
	}
	if guard("udp4", "1.1.1.1:443", nil) == nil {
		t.Error("udp is let through")
	}
}

func family(address string) string {
	if strings.HasPrefix(address, "[") {
		return "tcp6"
	}
	return "tcp4"
}

func TestGuardWithLoopback(t *testing.T) {
	guard := Client{AllowLoopback: true}.guard()
	for _, address := range []string{"127.0.0.1:8080", "[::1]:80", "[::ffff:127.0.0.1]:9", "1.1.1.1:443"} {
		if err := guard(family(address), address, nil); err != nil {
			t.Errorf("%s is refused: %v", address, err)
		}
	}
	for _, address := range []string{"10.0.0.1:443", "169.254.169.254:443", "1.1.1.1:80", "[::ffff:10.0.0.1]:443"} {
		if guard(family(address), address, nil) == nil {
			t.Errorf("%s is let through", address)
		}
	}
}

// Literal addresses, however they are spelled, never get as far as a
// connection. Names that are only numbers go to the resolver of the test.
func TestLiteralAddressesRefused(t *testing.T) {
	hosts := []string{
		"127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "0.0.0.0", "0",
		"127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1.", "localhost",
	}
	c := Client{Resolver: resolver(t, net.IPv4(127, 0, 0, 1))}
	for _, host := range hosts {
		_, _, err := c.Open(t.Context(), "https://"+host+"/?sig=secret")
		e, ok := As(err)
		if !ok || e.Code == TooLarge {
			t.Errorf("%s: error %v, want one of this package", host, err)
		}
		if ok && e.Code == Unreachable && !strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: %v, want %s or an unknown name", host, err, Refused)
		}
	}
}

// What a name resolves to counts, not the name.
func TestNamesOfPrivateAddressesRefused(t *testing.T) {
	for _, ip := range []string{"10.0.0.7", "127.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"} {
		c := Client{Resolver: resolver(t, net.ParseIP(ip))}
		_, _, err := c.Open(t.Context(), "https://intranet.example.com/?sig=secret")
		wantCode(t, err, Refused)
	}
	c := Client{Resolver: resolver(t, nil)}
	_, _, err := c.Open(t.Context(), "https://nowhere.example.com/?sig=secret")
	wantCode(t, err, Unreachable)
}

func TestAllowLoopback(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/out" {
			http.Redirect(w, r, "http://example.com/", http.StatusFound)
			return
		}
		io.WriteString(w, "words")
	}))
	defer s.Close()
	data, err := read(t, Client{AllowLoopback: true}, s.URL)
	if data != "words" || err != nil {
		t.Errorf("with AllowLoopback: read %q, %v", data, err)
	}
	_, err = read(t, Client{AllowLoopback: true}, s.URL+"/out")
	wantCode(t, err, Refused)
	_, err = read(t, Client{}, s.URL)
	wantCode(t, err, Refused)
	_, err = read(t, Client{}, strings.Replace(s.URL, "http:", "https:", 1))
	wantCode(t, err, Refused)
}

// resolver answers every question about an IPv4 address with ip, others with
// nothing, and all with "no such name" when ip is nil.
func resolver(t *testing.T, ip net.IP) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(dnsAnswer(buf[:n], ip.To4()), from)
		}
	}()
	dialer := net.Dialer{}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsAnswer makes the answer to a query of one question (RFC 1035, 4.1).
func dnsAnswer(query []byte, ip net.IP) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the final zero, type and class
	question := query[12:end]
	isA := binary.BigEndian.Uint16(question[len(question)-4:]) == 1
	flags, answers := uint16(0x8180), uint16(0)
	switch {
	case ip == nil:
		flags |= 3 // no such name
	case isA:
		answers = 1
	}
	msg := append([]byte{}, query[:2]...)
	for _, v := range []uint16{flags, 1, answers, 0, 0} {
		msg = binary.BigEndian.AppendUint16(msg, v)
	}
	msg = append(msg, question...)
	if answers == 1 {
		msg = append(msg, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // the name asked for, A, IN, TTL 0
		msg = append(msg, ip...)
	}
	return msg
}
