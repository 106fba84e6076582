package blob_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/blob/dir"
)

// An object is there as a whole or not at all, and ranges of it can be read.
func ExampleStore_Put() {
	path, err := os.MkdirTemp("", "objects")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(path)
	store, err := dir.Open(path, dir.Options{NoSync: true})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	ctx := context.Background()

	for _, text := range []string{"First, I drain the tank.", "Another one."} {
		info, err := store.Put(ctx, "talks/1", strings.NewReader(text), int64(len(text)), blob.Put{IfAbsent: true})
		fmt.Println(info.Key, info.Size, errors.Is(err, blob.ErrExists))
	}
	r, info, err := store.GetRange(ctx, "talks/1", 9, 5)
	if err != nil {
		panic(err)
	}
	defer r.Close()
	part, err := io.ReadAll(r)
	fmt.Printf("%q of %d bytes, %v\n", part, info.Size, err)
	// Output:
	// talks/1 24 false
	//  0 true
	// "drain" of 24 bytes, <nil>
}

// A client that has a signed request puts one object of the stated size where
// it was told to, past the APIs.
func ExampleStore_PresignPut() {
	path, err := os.MkdirTemp("", "objects")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(path)
	server := httptest.NewUnstartedServer(nil)
	store, err := dir.Open(path, dir.Options{NoSync: true, Base: "http://" + server.Listener.Addr().String()})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	server.Config.Handler = store.Handler()
	server.Start()
	defer server.Close()
	ctx := context.Background()

	place, err := store.PresignPut(ctx, "uploads/7", blob.SignPut{Size: 5, Valid: time.Minute})
	if err != nil {
		panic(err)
	}
	for _, content := range []string{"too long", "right"} {
		req, err := http.NewRequest(place.Method, place.URL, strings.NewReader(content))
		if err != nil {
			panic(err)
		}
		for name, value := range place.Headers {
			req.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		info, err := store.Stat(ctx, "uploads/7")
		fmt.Printf("%s: taken %t, %d bytes are there, missing %t\n", content, resp.StatusCode == 200, info.Size, errors.Is(err, blob.ErrNotFound))
	}
	// Output:
	// too long: taken false, 0 bytes are there, missing true
	// right: taken true, 5 bytes are there, missing false
}
