"""The REST framework as this site uses it: strict serializers, one error shape, limits, pages."""
