// A program outside the project. It prints the version of the library and the name of user 1.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"libsac/sac"
)

func main() {
	client, err := sac.New(os.Args[1], sac.WithBearer("demo-token"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	response, err := client.Get(context.Background(), "/v1/users/1")
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ Name string }
	if err := response.Decode(&user); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sac.Version(), user.Name)
}
