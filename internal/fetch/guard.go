package fetch

import (
	"net/netip"
	"net/url"
	"syscall"

	"code.dny.dev/ssrf"
)

// public lets connections to port 443 of public addresses pass. It looks at
// the address that is about to be connected to, so that it does not matter
// how a name was spelled, what it resolved to before, or who redirected.
var public = ssrf.New(
	ssrf.WithPorts(443),
	ssrf.WithDeniedV4Prefixes(
		netip.MustParsePrefix("168.63.129.16/32"), // Azure's platform, on every virtual machine there
	),
)

// guard is called for each address before the connection is made.
func (c Client) guard() func(network, address string, conn syscall.RawConn) error {
	switch {
	case c.control != nil:
		return c.control
	case c.AllowLoopback:
		return func(network, address string, conn syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err == nil && to.Addr().Unmap().IsLoopback() {
				return nil
			}
			return public.Safe(network, address, conn)
		}
	}
	return public.Safe
}

// parse returns the URL, or what is wrong with it. Ports are left to others.
func parse(rawURL string, allowLoopback bool) (u *url.URL, message string) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil || u.Hostname() == "" && u.Scheme == "https":
		return nil, "is not a URL"
	case u.Scheme != "https" && !(u.Scheme == "http" && allowLoopback && loopback(u)):
		return nil, "must be an https URL"
	case u.User != nil:
		return nil, "must not contain a user or password"
	}
	return u, ""
}

func loopback(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// first returns the URL to begin with.
func (c Client) first(rawURL string) (*url.URL, error) {
	u, message := parse(rawURL, c.AllowLoopback)
	if message != "" {
		return nil, refused(nil, "upload_url %s", message)
	}
	return u, nil
}

// next returns where a redirect leads, under the same rules.
func (c Client) next(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil {
		return nil, unreachable(nil, "upload_url redirects to something that is not a URL")
	}
	to, message := parse(to.String(), c.AllowLoopback)
	if message != "" {
		return nil, refused(nil, "what upload_url redirects to %s", message)
	}
	return to, nil
}
