"""Serves a language model on 127.0.0.1: llama.cpp's own HTTP server, out of the
wheel of xllamacpp. The arguments are those of llama-server."""

import argparse
import os
import signal

import xllamacpp

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("-m", "--model", required=True)
options.add_argument("--port", type=int, required=True)
options.add_argument("-c", "--ctx-size", type=int, default=8192)
options.add_argument("-np", "--parallel", type=int, default=1)
options.add_argument("-t", "--threads", type=int, default=-1)
options.add_argument("--api-key")
given = options.parse_args()

params = xllamacpp.CommonParams()
params.model.path = given.model
params.model_alias = {os.path.basename(given.model)}
params.hostnames = ["127.0.0.1"]
params.port = given.port
params.n_ctx = given.ctx_size
params.n_parallel = given.parallel
params.cpuparams.n_threads = given.threads
if given.api_key:
    params.api_keys = [given.api_key]

server = xllamacpp.Server(params)  # answers 503 until the model is loaded
signal.pause()
