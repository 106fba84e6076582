// Package address knows the URLs of a bucket's objects. It is apart from the
// driver for those who need no more: the SDK's client starts slowly.
package address

import (
	"fmt"
	"net/url"
	"strings"

	"griot/internal/blob"
)

// Bucket is where a bucket is.
type Bucket struct {
	name, region string
	endpoint     *url.URL // nil on AWS
}

// New returns a bucket of a region, or on the server that stands in for S3 at
// endpoint ("" on AWS).
func New(name, region, endpoint string) (Bucket, error) {
	b := Bucket{name: name, region: region}
	if endpoint == "" {
		return b, nil
	}
	u, err := url.Parse(strings.TrimSuffix(endpoint, "/"))
	if err != nil || u.Host == "" {
		return Bucket{}, fmt.Errorf("the address of S3, %q, is no URL", endpoint)
	}
	b.endpoint = u
	return b, nil
}

// KeyOf returns the key that a URL of the bucket points to, in any form in
// which AWS lets one write it, and whether the URL is one of the bucket.
func (b Bucket) KeyOf(rawURL string) (key string, ok bool) {
	u, err := url.Parse(rawURL)
	if err != nil || u.User != nil {
		return "", false
	}
	path, ok := b.path(u)
	if !ok {
		return "", false
	}
	return path, blob.CheckKey(path) == nil
}

func (b Bucket) path(u *url.URL) (path string, ok bool) {
	host := strings.ToLower(u.Host)
	if b.endpoint != nil {
		ok := u.Scheme == b.endpoint.Scheme && host == strings.ToLower(b.endpoint.Host)
		path, within := strings.CutPrefix(u.Path, b.endpoint.Path+"/"+b.name+"/")
		return path, ok && within
	}
	if u.Scheme != "https" {
		return "", false
	}
	host = strings.TrimSuffix(host, ":443")
	for _, service := range b.hosts() {
		if host == b.name+"."+service {
			return strings.TrimPrefix(u.Path, "/"), true
		}
		if host == service {
			return strings.CutPrefix(u.Path, "/"+b.name+"/")
		}
	}
	return "", false
}

// hosts are the names of S3 in the bucket's region.
func (b Bucket) hosts() []string {
	domain := ".amazonaws.com"
	switch {
	case strings.HasPrefix(b.region, "cn-"):
		domain = ".amazonaws.com.cn"
	case strings.HasPrefix(b.region, "eusc-"):
		domain = ".amazonaws.eu"
	}
	region := b.region + domain
	return []string{
		"s3." + region, "s3-" + region, "s3.dualstack." + region, "s3-fips." + region, "s3-fips.dualstack." + region,
		"s3" + domain, "s3-accelerate" + domain, "s3-accelerate.dualstack" + domain,
	}
}

// Only returns the bucket as a store of which nothing but KeyOf may be called.
func (b Bucket) Only() blob.Store { return only{bucket: b} }

type only struct {
	blob.Store
	bucket Bucket
}

func (o only) KeyOf(rawURL string) (key string, ok bool) { return o.bucket.KeyOf(rawURL) }
