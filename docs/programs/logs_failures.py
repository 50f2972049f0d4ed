import logging

logging.basicConfig()
logging.getLogger("purertc.ice").setLevel(logging.INFO)
