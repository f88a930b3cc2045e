# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-courier.sh - Courier on a node.

# Only the settings that routing the test mail requires. There is no /etc/services. Courier asks the
# DNS at every step, even about addresses, and would wait long for an answer: so it gets one, that
# the name does not exist.
courier_configure() {
  local etc
  etc=$(file "$1" /etc/courier)
  printf 'v4.site1.example: [%s]\nv6.site1.example: [%s]\n' "$site4" "$site6" >"$etc/esmtproutes"
  printf '%s\n' cluster.example v4.cluster.example v6.cluster.example >>"$etc/locals"
  sed -i 's/^BOFHCHECKDNS=.*/BOFHCHECKDNS=0/; s/^PORT=smtp/PORT=25/' "$etc/esmtpd"
  inside "$1" sh -c 'systemd-tmpfiles --create courier-authdaemon.conf courier-mta.conf; makesmtpaccess'
  # It ends with the host.
  nsenter --target "${host_pid[$1]}" --net --pid python3 -c '
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, client = server.recvfrom(4096)
    server.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:], client)' &
}
courier_helo() { echo cluster.example >"$(file "$1" /etc/courier/esmtphelo)"; }
