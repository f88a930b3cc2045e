// A program in Go, which makes its system calls itself: connects to a listener of its own, and prints
// where that saw the connection come from.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "192.0.2.9:25")
	if err == nil {
		_, err = net.Dial("tcp4", "192.0.2.9:25")
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	one, _ := listener.Accept()
	fmt.Println(one.RemoteAddr().(*net.TCPAddr).IP)
}
