//go:build !unix

package operator

// makePrivate does nothing: the directory's permissions protect the socket.
func makePrivate(uintptr) {}
