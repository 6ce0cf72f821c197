/**
 * The rule set that OpenWrt's fw4 makes of its default configuration (zones lan and wan, one forwarding), which Khiên
 * must live beside. IPv6 is routed, IPv4 translated.
 */
export const fw4Ruleset = `
table inet fw4
flush table inet fw4
table inet fw4 {
  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" accept comment "!fw4: Accept traffic from loopback"
    ct state vmap { established : accept, related : accept } comment "!fw4: Handle inbound flows"
    tcp flags & (fin | syn | rst | ack) == syn jump syn_flood comment "!fw4: Rate limit TCP syn packets"
    iifname "br-lan" jump input_lan comment "!fw4: Handle lan IPv4/IPv6 input traffic"
    iifname "wan0" jump input_wan comment "!fw4: Handle wan IPv4/IPv6 input traffic"
    jump handle_reject
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, related : accept } comment "!fw4: Handle forwarded flows"
    iifname "br-lan" jump forward_lan comment "!fw4: Handle lan IPv4/IPv6 forward traffic"
    iifname "wan0" jump forward_wan comment "!fw4: Handle wan IPv4/IPv6 forward traffic"
    jump handle_reject
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oif "lo" accept comment "!fw4: Accept traffic towards loopback"
    ct state vmap { established : accept, related : accept } comment "!fw4: Handle outbound flows"
  }
  chain handle_reject {
    meta l4proto tcp reject with tcp reset comment "!fw4: Reject TCP traffic"
    reject with icmpx type port-unreachable comment "!fw4: Reject any other traffic"
  }
  chain syn_flood {
    limit rate 25/second burst 50 packets return comment "!fw4: Accept SYN packets below rate-limit"
    drop comment "!fw4: Drop excess packets"
  }
  chain input_lan {
    accept comment "!fw4: accept lan IPv4/IPv6 traffic"
  }
  chain forward_lan {
    oifname "wan0" accept comment "!fw4: Accept lan to wan forwarding"
    oifname "br-lan" accept comment "!fw4: accept lan IPv4/IPv6 traffic"
    jump handle_reject
  }
  chain input_wan {
    meta nfproto ipv4 icmp type echo-request accept comment "!fw4: Allow-Ping"
    icmpv6 type { echo-request, echo-reply, destination-unreachable, packet-too-big, time-exceeded, parameter-problem,
      nd-router-solicit, nd-neighbor-solicit, nd-router-advert, nd-neighbor-advert } limit rate 1000/second burst 5 packets accept comment "!fw4: Allow-ICMPv6-Input"
    jump handle_reject
  }
  chain forward_wan {
    icmpv6 type { echo-request, echo-reply, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } limit rate 1000/second burst 5 packets accept comment "!fw4: Allow-ICMPv6-Forward"
    jump handle_reject
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan0" meta nfproto ipv4 masquerade comment "!fw4: Masquerade IPv4 wan traffic"
  }
  chain mangle_forward {
    type filter hook forward priority mangle; policy accept;
    oifname "wan0" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 egress MTU fixing"
  }
}
`;
