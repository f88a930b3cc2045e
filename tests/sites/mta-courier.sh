# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-courier.sh - Courier on a node.

# What routing the test mail needs, and no more. Courier asks the DNS for the sender's domain: there is
# none here.
courier_configure() {
  local etc
  etc=$(file "$1" /etc/courier)
  printf 'v4.site1.example: [%s]\nv6.site1.example: [%s]\n' "$site4" "$site6" >"$etc/esmtproutes"
  printf '%s\n' cluster.example v4.cluster.example v6.cluster.example >>"$etc/locals"
  sed -i 's/^BOFHCHECKDNS=.*/BOFHCHECKDNS=0/' "$etc/esmtpd"
  inside "$1" sh -c 'systemd-tmpfiles --create courier-authdaemon.conf courier-mta.conf; makesmtpaccess'
}
