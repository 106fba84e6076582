// Function livez-get serves GET /livez.
package main

import (
	"os"
	"time"

	"griot/internal/api"
	"griot/internal/lambdafn"
)

func main() {
	process := api.Process{Version: os.Getenv("GRIOT_VERSION"), Started: time.Now(), Now: time.Now}
	lambdafn.API(api.Handler(api.Config{}, api.Livez(process)))
}
