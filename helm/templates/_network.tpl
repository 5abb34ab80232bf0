{{- /* An entry of the egress rules: its CIDR, or none where it is a name, and its port, 0 for the usual ones. */ -}}
{{- define "pgnetty.cidr" -}}
{{- if regexMatch "^[0-9.]+(/[0-9]+)?(:[0-9]+)?$" . -}}
{{- $address := regexReplaceAll ":[0-9]+$" . "" -}}
cidr: {{ contains "/" $address | ternary $address (printf "%s/32" $address) | quote }}
port: {{ regexFind ":[0-9]+$" . | trimPrefix ":" | default "0" }}
{{- else if regexMatch "^\\[[0-9a-fA-F:.]+(/[0-9]+)?\\](:[0-9]+)?$" . -}}
{{- $address := regexReplaceAll "\\].*$" . "" | trimPrefix "[" -}}
cidr: {{ contains "/" $address | ternary $address (printf "%s/128" $address) | quote }}
port: {{ regexReplaceAll "^.*\\]" . "" | trimPrefix ":" | default "0" }}
{{- else if regexMatch "^[0-9a-fA-F:.]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(/[0-9]+)?$" . -}}
cidr: {{ contains "/" . | ternary . (printf "%s/128" .) | quote }}
port: 0
{{- else -}}
port: 0
{{- end -}}
{{- end -}}

{{- define "pgnetty.usualPorts" -}}
- port: 80
- port: 443
- port: 1024
  endPort: 65535
{{- end -}}
